// What becomes of a host that runs out of memory or of descriptors, and of one that forks and does
// not exec: an answer each, and sessions that go on.

#include <errno.h>
#include <fcntl.h>
#include <gatewatch.h>
#include <gatewatch_core.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int64_t present(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int open_handle(uint32_t mode, uint32_t capacity, struct gatewatch **handle) {
    struct gatewatch_config config;
    CHECK(gatewatch_config_defaults(&config, sizeof config) == 0);
    config.mode = mode;
    config.session_capacity = capacity;
    return gatewatch_open(&config, handle);
}

// A session whose peer it is itself.
static int64_t add(struct gatewatch *handle, const char *interface) {
    struct gatewatch_session_config session;
    CHECK(gatewatch_session_defaults(&session, sizeof session) == 0);
    CHECK(gatewatch_address_parse("127.0.0.1", &session.destination) == 0);
    session.interface_name = interface;
    session.desired_min_tx_us = session.required_min_rx_us = 50000;
    session.detect_multiplier = 200;
    return gatewatch_add(handle, &session);
}

static uint64_t octets_in_use(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%ld", &pages) == 1);
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit_memory(uint64_t spare) {
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
    limit.rlim_cur = octets_in_use() + spare;
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
}

// A child opens the largest handle there is, with so much memory to spare. 1 where it got one, 0
// where it was refused for want of memory or of a thread; anything else ends this program.
static int try_with(uint64_t spare, int mode) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        limit_memory(spare);
        int result;
        if (mode < 0) {
            struct gatewatch_core *core;
            result = gatewatch_core_open(65536, 7, &core);
            CHECK((result == 0) == (core != NULL));
            if (result == 0) gatewatch_core_close(core);
        } else {
            struct gatewatch *handle;
            result = open_handle((uint32_t)mode, 65536, &handle);
            CHECK((result == 0) == (handle != NULL));
            if (result == 0) CHECK(add(handle, NULL) > 0);
            gatewatch_close(handle);
        }
        const int is_refused =
            result == -ENOMEM || (mode == GATEWATCH_MANAGED && result == -EAGAIN);
        _exit(result == 0 ? 1 : is_refused ? 0 : 2);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        fprintf(stderr, "mode %d, %llu octets: ended by signal %d\n", mode,
                (unsigned long long)spare, WTERMSIG(status));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status);
}

static void run_out_of_memory(void) {
    for (int mode = -1; mode <= GATEWATCH_DRIVEN; mode++) {
        int successes = 0, refusals = 0;
        // From next to nothing to more than enough.
        for (uint64_t spare = 1 << 20; spare < UINT64_C(400) << 20; spare += spare / 8) {
            const int is_open = try_with(spare, mode);
            successes += is_open;
            refusals += !is_open;
        }
        printf("mode %d: refused %d times, open %d times\n", mode, refusals, successes);
        CHECK(successes > 0 && refusals > 0);
    }
}

// One turn of the host's loop; whether the session has come up.
static int turn(struct gatewatch *handle, uint32_t mode) {
    struct pollfd ready = {.fd = gatewatch_descriptor(handle), .events = POLLIN};
    CHECK(poll(&ready, 1, 100) >= 0);
    if (mode == GATEWATCH_DRIVEN) CHECK(gatewatch_serve(handle) >= 0);
    struct gatewatch_event event;
    int result, is_up = 0;
    while ((result = gatewatch_next_event(handle, &event, sizeof event)) > 0)
        is_up |= event.kind == GATEWATCH_EVENT_STATE && event.new_state == GATEWATCH_STATE_UP;
    CHECK(result == 0);
    return is_up;
}

// A session that finds no descriptor is there, and sends as soon as there is one.
static void run_out_of_descriptors(uint32_t mode) {
    struct gatewatch *handle;
    CHECK(open_handle(mode, 4, &handle) == 0);
    struct rlimit usual;
    CHECK(getrlimit(RLIMIT_NOFILE, &usual) == 0);
    // The lowest number that is free is that of the next descriptor.
    const int next = dup(0);
    CHECK(next >= 0 && close(next) == 0);
    struct rlimit scarce = usual;
    scarce.rlim_cur = (rlim_t)next;
    CHECK(setrlimit(RLIMIT_NOFILE, &scarce) == 0);
    CHECK(dup(0) < 0 && errno == EMFILE);

    CHECK(add(handle, "lo") == -EMFILE);
    const int64_t session = add(handle, NULL);
    if (session < 0) fprintf(stderr, "%s\n", gatewatch_error_text(session));
    CHECK(session > 0);
    struct gatewatch_session_status status = {0};
    const int64_t start = present();
    while (status.send_failed == 0) {
        CHECK(turn(handle, mode) == 0);
        CHECK(gatewatch_status(handle, session, &status, sizeof status) == 0);
        CHECK(status.state == GATEWATCH_STATE_DOWN);
        CHECK(present() - start < 60 * INT64_C(1000000000));
    }
    CHECK(setrlimit(RLIMIT_NOFILE, &usual) == 0);
    while (!turn(handle, mode)) CHECK(present() - start < 60 * INT64_C(1000000000));
    gatewatch_close(handle);
}

// A child that does not exec keeps the sockets open for as long as it lives.
static void fork_and_stay(void) {
    struct gatewatch *handle;
    CHECK(open_handle(GATEWATCH_MANAGED, 4, &handle) == 0);
    const int64_t session = add(handle, NULL);
    CHECK(session > 0);
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char octet;
        close(ends[1]);
        // Until the other end goes.
        _exit(read(ends[0], &octet, 1) == 0 ? 0 : 1);
    }
    const int64_t start = present();
    while (!turn(handle, GATEWATCH_MANAGED))
        CHECK(present() - start < 60 * INT64_C(1000000000));
    gatewatch_close(handle);
    CHECK(open_handle(GATEWATCH_MANAGED, 4, &handle) == -EADDRINUSE && handle == NULL);
    CHECK(open_handle(GATEWATCH_DRIVEN, 4, &handle) == -EADDRINUSE && handle == NULL);
    close(ends[0]);
    close(ends[1]);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(open_handle(GATEWATCH_DRIVEN, 4, &handle) == 0);
    gatewatch_close(handle);
}

int main(void) {
    // First, for a child has no threads: it opens handles of its own, and has none of this one's.
    run_out_of_memory();
    run_out_of_descriptors(GATEWATCH_DRIVEN);
    run_out_of_descriptors(GATEWATCH_MANAGED);
    fork_and_stay();
    puts("scarcity: all is well");
    return 0;
}
