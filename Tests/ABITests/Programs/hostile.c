// What a host may do to the library, and what comes of it: a handle in each namespace that is
// named, a second one in the same, a fork, and a caller that takes no events.

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

enum { MOST = 16, TURNS = 2500 };

static struct gatewatch *open_handle(const char *namespace) {
    struct gatewatch_config config = handle_defaults(GATEWATCH_MANAGED, namespace);
    config.session_capacity = 1;
    return opened(&config);
}

// A session whose peer it is itself: all of it within one namespace.
static int64_t add(struct gatewatch *handle) {
    struct gatewatch_session_config config = patient_session("127.0.0.1");
    const int64_t session = checked(gatewatch_add(handle, &config));
    // No room for another one; the first goes on.
    CHECK(gatewatch_address_parse("127.0.0.2", &config.destination) == 0);
    CHECK(gatewatch_add(handle, &config) == GATEWATCH_ERROR_FULL);
    return session;
}

static void wait_until_up(struct gatewatch *handle) {
    const int64_t start = present();
    struct gatewatch_event event;
    for (;;) {
        struct pollfd ready = {.fd = gatewatch_descriptor(handle), .events = POLLIN};
        CHECK(poll(&ready, 1, 1000) >= 0);
        while (gatewatch_next_event(handle, &event, sizeof event) > 0)
            if (event.kind == GATEWATCH_EVENT_STATE && event.new_state == GATEWATCH_STATE_UP)
                return;
        CHECK(present() - start < PATIENCE_SECONDS * INT64_C(1000000000));
    }
}

// How many descriptors a child has after an exec.
static int count_inherited(void) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "set -- /proc/$$/fd/*; exit $#", NULL);
        _exit(255);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 255);
    return WEXITSTATUS(status);
}

// Nobody takes the events: what does not fit is counted, no more and no less, and the session is
// what it was made.
static void try_silence(struct gatewatch *handle) {
    struct gatewatch_session_status status;
    // Nobody answers there, so that each call makes one event.
    const struct gatewatch_session_config config = patient_session("127.0.0.3");
    const int64_t session = checked(gatewatch_add(handle, &config));
    for (int turn = 1; turn <= TURNS; turn++) {
        checked(gatewatch_set_admin_down(handle, session, turn % 2));
        // Waits for an answer, so that no order is lost.
        checked(gatewatch_status(handle, session, &status, sizeof status));
    }
    CHECK(status.state == GATEWATCH_STATE_DOWN);
    uint64_t changes = 0, lost = 0;
    const int64_t start = present();
    for (int turns = 0; turns < 50 || changes + lost < TURNS; turns++) {
        struct gatewatch_event event;
        while (checked(gatewatch_next_event(handle, &event, sizeof event)) > 0) {
            if (event.kind == GATEWATCH_EVENT_STATE) changes++;
            if (event.kind == GATEWATCH_EVENT_LOST) lost += event.count;
        }
        CHECK(present() - start < PATIENCE_SECONDS * INT64_C(1000000000));
        poll(NULL, 0, 10);
    }
    printf("%llu events, %llu lost\n", (unsigned long long)changes, (unsigned long long)lost);
    CHECK(changes > 100 && lost > 100 && changes + lost == TURNS);
}

// Faster than a thread can follow: it says so, and what it has taken is done.
static void try_haste(struct gatewatch *handle, int64_t session) {
    const int64_t start = present();
    int result, down = 0;
    while ((result = gatewatch_set_admin_down(handle, session, !down)) == 0) {
        down = !down;
        CHECK(present() - start < PATIENCE_SECONDS * INT64_C(1000000000));
    }
    CHECK(result == GATEWATCH_ERROR_BUSY && gatewatch_error_text(result)[0] != 0);
    struct gatewatch_session_status status;
    do {
        const int busy = gatewatch_status(handle, session, &status, sizeof status);
        CHECK(busy == 0 || busy == GATEWATCH_ERROR_NOT_RESPONDING);
        CHECK(present() - start < PATIENCE_SECONDS * INT64_C(1000000000));
    } while ((status.state == GATEWATCH_STATE_ADMIN_DOWN) != down);
    if (down) checked(gatewatch_set_admin_down(handle, session, 0));
    do {
        checked(gatewatch_status(handle, session, &status, sizeof status));
        CHECK(present() - start < PATIENCE_SECONDS * INT64_C(1000000000));
        poll(NULL, 0, 10);
    } while (status.state != GATEWATCH_STATE_UP);
}

int main(int count, char **arguments) {
    CHECK(count > 1 && count <= MOST);
    const int inherited = count_inherited();
    struct gatewatch *handles[MOST];
    int64_t sessions[MOST];
    for (int place = 1; place < count; place++) {
        handles[place] = open_handle(arguments[place]);
        sessions[place] = add(handles[place]);
    }
    const struct gatewatch_config config = handle_defaults(GATEWATCH_MANAGED, arguments[1]);
    struct gatewatch *second;
    CHECK(gatewatch_open(&config, &second) == -EADDRINUSE && second == NULL);
    for (int place = 1; place < count; place++) wait_until_up(handles[place]);
    // None of ours; and the sessions here go on.
    CHECK(count_inherited() == inherited);

    for (int place = 1; place < count; place++) {
        struct gatewatch_session_status status;
        CHECK(gatewatch_status(handles[place], sessions[place], &status, sizeof status) == 0);
        CHECK(status.state == GATEWATCH_STATE_UP && status.downs == 0);
    }
    try_haste(handles[1], sessions[1]);
    // Its only session makes room for another one.
    gatewatch_close(handles[1]);
    handles[1] = open_handle(arguments[1]);
    try_silence(handles[1]);
    for (int place = 1; place < count; place++) gatewatch_close(handles[place]);
    puts("hostile: all is well");
    return 0;
}
