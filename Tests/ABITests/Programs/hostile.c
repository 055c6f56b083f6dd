// What a host may do to the library, and what comes of it: a handle in each namespace that is
// named, a second one in the same, a fork, and a caller that takes no events.

#include <errno.h>
#include <gatewatch.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { MOST = 16 };

static int64_t present(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static struct gatewatch *open_handle(const char *namespace) {
    struct gatewatch_config config;
    CHECK(gatewatch_config_defaults(&config, sizeof config) == 0);
    config.namespace_path = namespace;
    config.session_capacity = 1;
    struct gatewatch *handle;
    const int result = gatewatch_open(&config, &handle);
    if (result < 0) fprintf(stderr, "%s\n", gatewatch_error_text(result));
    CHECK(result == 0);
    return handle;
}

// A session whose peer it is itself: all of it within one namespace.
static int64_t add(struct gatewatch *handle) {
    struct gatewatch_session_config config;
    CHECK(gatewatch_session_defaults(&config, sizeof config) == 0);
    CHECK(gatewatch_address_parse("127.0.0.1", &config.destination) == 0);
    config.desired_min_tx_us = config.required_min_rx_us = 100000;
    config.detect_multiplier = 30;
    const int64_t session = gatewatch_add(handle, &config);
    CHECK(session > 0);
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
        CHECK(present() - start < 60 * INT64_C(1000000000));
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

// Nobody takes the events: what does not fit is counted, and the session is what it was made.
static void try_silence(struct gatewatch *handle, int64_t session) {
    struct gatewatch_session_status status;
    for (int turn = 1; turn <= 1200; turn++) {
        CHECK(gatewatch_set_admin_down(handle, session, turn % 2) == 0);
        // Waits for an answer, so that no order is lost.
        CHECK(gatewatch_status(handle, session, &status, sizeof status) == 0);
    }
    uint64_t changes = 0, lost = 0;
    const int64_t start = present();
    while (lost == 0) {
        struct gatewatch_event event;
        const int result = gatewatch_next_event(handle, &event, sizeof event);
        CHECK(result >= 0 && present() - start < 60 * INT64_C(1000000000));
        if (result == 0) poll(NULL, 0, 10);
        if (result > 0 && event.kind == GATEWATCH_EVENT_STATE) changes++;
        if (result > 0 && event.kind == GATEWATCH_EVENT_LOST) lost += event.count;
    }
    CHECK(changes > 100);
    do {
        CHECK(gatewatch_status(handle, session, &status, sizeof status) == 0);
        CHECK(present() - start < 60 * INT64_C(1000000000));
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
    struct gatewatch_config config;
    CHECK(gatewatch_config_defaults(&config, sizeof config) == 0);
    config.namespace_path = arguments[1];
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
    try_silence(handles[1], sessions[1]);
    for (int place = 1; place < count; place++) gatewatch_close(handles[place]);
    puts("hostile: all is well");
    return 0;
}
