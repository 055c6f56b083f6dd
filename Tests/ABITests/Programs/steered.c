// An agent that does what it is told by the lines of a pipe, and tells what comes of it:
//
//     steered managed|driven PIPE
//
// Each line is a call of the library, and each line of the output a result or an event.

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

enum { WORDS = 32 };

static struct gatewatch *handle;
static const char *const states[] = {"AdminDown", "Down", "Init", "Up"};

static void tell(const char *call, int64_t result) {
    printf("%s %lld%s%s\n", call, (long long)result, result < 0 ? " " : "",
           result < 0 ? gatewatch_error_text(result) : "");
}

// "TYPE ID SECRET [ID SECRET]" becomes keys; what is read stays where it is.
static const struct gatewatch_keys *read_keys(char **words, int count) {
    static struct gatewatch_key room[8];
    static struct gatewatch_keys keys;
    memset(room, 0, sizeof room);
    memset(&keys, 0, sizeof keys);
    keys.size = sizeof keys;
    keys.type = (uint32_t)atoi(words[0]);
    keys.keys = room;
    for (int place = 1; place + 1 < count && keys.key_count < 8; place += 2) {
        struct gatewatch_key *key = &room[keys.key_count++];
        key->id = (uint8_t)atoi(words[place]);
        key->secret = words[place + 1];
        key->secret_size = (uint32_t)strlen(words[place + 1]);
    }
    return &keys;
}

static void set(struct gatewatch_session_config *config, const char *name, const char *value) {
    const uint32_t number = (uint32_t)strtoul(value, NULL, 0);
    if (strcmp(name, "source") == 0) checked(gatewatch_address_parse(value, &config->source));
    else if (strcmp(name, "interface") == 0) config->interface_name = value;
    else if (strcmp(name, "tx") == 0) config->desired_min_tx_us = number;
    else if (strcmp(name, "echo") == 0) config->desired_min_echo_tx_us = number;
    else if (strcmp(name, "demand") == 0) config->demand = (uint8_t)number;
    else if (strcmp(name, "passive") == 0) config->passive = (uint8_t)number;
    else if (strcmp(name, "tos") == 0) config->traffic_class = (uint8_t)number;
    else if (strcmp(name, "transport") == 0) config->transport = (uint8_t)number;
    else CHECK(!"a setting of this name");
}

// "PEER NAME VALUE ... [keys TYPE ID SECRET ...]"
static struct gatewatch_session_config read_session(char **words, int count) {
    struct gatewatch_session_config config = patient_session(words[0]);
    for (int place = 1; place + 1 < count; place += 2) {
        if (strcmp(words[place], "keys") == 0) {
            config.keys = read_keys(words + place + 1, count - place - 1);
            break;
        }
        set(&config, words[place], words[place + 1]);
    }
    return config;
}

static void tell_status(int64_t session) {
    struct gatewatch_session_status status;
    const int result = gatewatch_status(handle, session, &status, sizeof status);
    if (result < 0) {
        tell("status", result);
        return;
    }
    char peer[40];
    checked(gatewatch_address_text(&status.destination, peer, sizeof peer));
    printf("status %lld %s peer=%s downs=%llu type=%u reason=%s numbered=%d echo=%u returned=%d "
           "unsolicited=%u demand=%u\n",
           (long long)session, states[status.state], peer, (unsigned long long)status.downs,
           status.authentication, status.discard_reason ? status.discard_reason : "none",
           status.transmit_sequence != 0, status.echo_interval_us, status.echoes_returned > 10,
           status.is_unsolicited, status.is_in_demand_mode);
}

static int set_unsolicited(char **words, int count) {
    struct gatewatch_unsolicited peers = {.size = sizeof peers, .detect_multiplier = 10};
    if (count < 2) return gatewatch_set_unsolicited(handle, NULL, 0, sizeof peers);
    checked(gatewatch_address_parse(words[0], &peers.prefix));
    peers.prefix_length = (uint8_t)atoi(words[1]);
    if (count > 4) peers.keys = read_keys(words + 2, count - 2);
    return gatewatch_set_unsolicited(handle, &peers, 1, sizeof peers);
}

static void obey(char **words, int count) {
    const char *verb = words[0];
    const int64_t session = count > 1 ? atoll(words[1]) : 0;
    struct gatewatch_session_config config;
    if (strcmp(verb, "add") == 0) {
        config = read_session(words + 1, count - 1);
        tell(verb, gatewatch_add(handle, &config));
    } else if (strcmp(verb, "update") == 0) {
        config = read_session(words + 2, count - 2);
        tell(verb, gatewatch_update(handle, session, &config));
    } else if (strcmp(verb, "keys") == 0) {
        const int is_none = count < 4;
        tell(verb, gatewatch_set_keys(handle, session,
                                      is_none ? NULL : read_keys(words + 2, count - 2)));
    } else if (strcmp(verb, "signal") == 0) {
        CHECK(count == 4);
        tell(verb, gatewatch_signal(handle, session, atoi(words[2]), atoll(words[3])));
    } else if (strcmp(verb, "disable") == 0) {
        tell(verb, gatewatch_set_admin_down(handle, session, 1));
    } else if (strcmp(verb, "remove") == 0) {
        tell(verb, gatewatch_remove(handle, session));
    } else if (strcmp(verb, "unsolicited") == 0) {
        tell(verb, set_unsolicited(words + 1, count - 1));
    } else if (strcmp(verb, "status") == 0) {
        tell_status(session);
    } else if (strcmp(verb, "list") == 0) {
        printf("list");
        int64_t next = 0;
        while ((next = checked(gatewatch_next_session(handle, next))) > 0)
            printf(" %lld", (long long)next);
        printf("\n");
    } else {
        CHECK(strcmp(verb, "end") == 0);
        gatewatch_close(handle);
        printf("ended\n");
        exit(0);
    }
}

// Reads what there is of the pipe, and does the whole lines of it.
static void read_lines(int pipe) {
    static char text[4096];
    static size_t used = 0;
    const ssize_t count = read(pipe, text + used, sizeof text - 1 - used);
    if (count <= 0) return;
    used += (size_t)count;
    text[used] = 0;
    char *start = text, *end;
    while ((end = strchr(start, '\n')) != NULL) {
        *end = 0;
        char *words[WORDS];
        int found = 0;
        for (char *word = strtok(start, " "); word && found < WORDS; word = strtok(NULL, " "))
            words[found++] = word;
        if (found > 0) obey(words, found);
        start = end + 1;
    }
    used -= (size_t)(start - text);
    memmove(text, start, used);
}

static void tell_events(void) {
    struct gatewatch_event event;
    while (checked(gatewatch_next_event(handle, &event, sizeof event)) > 0) {
        const long long session = event.session;
        switch (event.kind) {
        case GATEWATCH_EVENT_STATE:
            printf("event %lld %s cause %d diagnostic %d\n", session, states[event.new_state],
                   event.cause, event.local_diagnostic);
            break;
        case GATEWATCH_EVENT_REMOVED: printf("event %lld removed\n", session); break;
        case GATEWATCH_EVENT_CREATED: printf("event %lld created %s\n", session, event.text); break;
        case GATEWATCH_EVENT_LOST: printf("lost %llu\n", (unsigned long long)event.count); break;
        default: printf("word %s\n", event.text);
        }
    }
}

int main(int count, char **arguments) {
    CHECK(count == 3);
    setvbuf(stdout, NULL, _IOLBF, 0);
    const int is_driven = strcmp(arguments[1], "driven") == 0;
    const int pipe = open(arguments[2], O_RDWR | O_NONBLOCK | O_CLOEXEC);
    CHECK(pipe >= 0);
    const struct gatewatch_config config =
        handle_defaults(is_driven ? GATEWATCH_DRIVEN : GATEWATCH_MANAGED, NULL);
    handle = opened(&config);
    printf("ready\n");
    for (;;) {
        struct pollfd ready[] = {
            {.fd = gatewatch_descriptor(handle), .events = POLLIN},
            {.fd = pipe, .events = POLLIN},
        };
        CHECK(poll(ready, 2, -1) >= 0);
        if (is_driven && ready[0].revents) checked(gatewatch_serve(handle));
        tell_events();
        if (ready[1].revents) {
            read_lines(pipe);
            tell_events();
        }
    }
}
