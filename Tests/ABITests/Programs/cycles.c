// Handles and sessions come and go many times, and leave nothing behind: no memory, no descriptor,
// no thread. What the heap has is counted, so that an octet a time is seen.
//
//     cycles TIMES            all of them
//     cycles TIMES forget     closes no driven handle, so that there is a leak to be found

#include <dirent.h>
#include <gatewatch.h>
#include <gatewatch_core.h>
#include <malloc.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

// What the process has.
struct belongings {
    size_t heap;
    long resident;
    int descriptors, threads;
};

static int count_entries(const char *folder) {
    DIR *opened = opendir(folder);
    CHECK(opened != NULL);
    int count = 0;
    while (readdir(opened) != NULL) count++;
    closedir(opened);
    return count;
}

static struct belongings look(void) {
    struct belongings found = {
        .descriptors = count_entries("/proc/self/fd"), .threads = count_entries("/proc/self/task")};
    const struct mallinfo2 heap = mallinfo2();
    found.heap = heap.uordblks + heap.hblkhd;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%*d %ld", &found.resident) == 1);
    fclose(file);
    found.resident *= sysconf(_SC_PAGESIZE) / 1024;
    return found;
}

static struct gatewatch *open_handle(uint32_t mode, uint32_t capacity) {
    struct gatewatch_config config;
    CHECK(gatewatch_config_defaults(&config, sizeof config) == 0);
    config.mode = mode;
    config.session_capacity = capacity;
    struct gatewatch *handle;
    const int result = gatewatch_open(&config, &handle);
    if (result < 0) fprintf(stderr, "%s\n", gatewatch_error_text(result));
    CHECK(result == 0);
    return handle;
}

static struct gatewatch_session_config describe(uint8_t passive) {
    struct gatewatch_session_config session;
    CHECK(gatewatch_session_defaults(&session, sizeof session) == 0);
    CHECK(gatewatch_address_parse("127.0.0.1", &session.destination) == 0);
    session.passive = passive;
    return session;
}

static void wait_until_removed(struct gatewatch *handle, uint32_t mode, int count) {
    while (count > 0) {
        struct pollfd ready = {.fd = gatewatch_descriptor(handle), .events = POLLIN};
        // What happened during a call is there already.
        if (mode == GATEWATCH_MANAGED) CHECK(poll(&ready, 1, 60000) == 1);
        if (mode == GATEWATCH_DRIVEN) CHECK(gatewatch_serve(handle) >= 0);
        struct gatewatch_event event;
        int result;
        while ((result = gatewatch_next_event(handle, &event, sizeof event)) > 0)
            count -= event.kind == GATEWATCH_EVENT_REMOVED;
        CHECK(result == 0);
        if (mode == GATEWATCH_DRIVEN && count > 0) CHECK(poll(&ready, 1, 60000) == 1);
    }
}

static void cycle_handles(uint32_t mode, int times) {
    const struct gatewatch_session_config session = describe(0);
    for (int turn = 0; turn < times; turn++) {
        struct gatewatch *handle = open_handle(mode, 2);
        CHECK(gatewatch_add(handle, &session) > 0);
        gatewatch_close(handle);
    }
}

// Those that wait to be spoken to take leave of nobody: they are gone at once.
static void cycle_sessions(struct gatewatch *handle, uint32_t mode, int times) {
    const struct gatewatch_session_config session = describe(1);
    for (int turn = 0; turn < times; turn++) {
        const int64_t number = gatewatch_add(handle, &session);
        CHECK(number > 0 && gatewatch_remove(handle, number) == 0);
        wait_until_removed(handle, mode, 1);
    }
}

static void cycle_cores(int times) {
    const struct gatewatch_session_config session = describe(0);
    struct gatewatch_packet packet;
    struct gatewatch_event event;
    struct gatewatch_core *core;
    int64_t now = 1;
    for (int turn = 0; turn < times; turn++) {
        CHECK(gatewatch_core_open(4, 7, &core) == 0);
        int64_t number = gatewatch_core_add(core, &session, now);
        CHECK(number > 0 && gatewatch_core_remove(core, number, now) == 0);
        gatewatch_core_close(core);
    }
    CHECK(gatewatch_core_open(4, 7, &core) == 0);
    for (int turn = 0; turn < times; turn++) {
        const int64_t number = gatewatch_core_add(core, &session, now);
        CHECK(number > 0 && gatewatch_core_remove(core, number, now) == 0);
        int is_removed = 0, result;
        while (!is_removed) {
            while ((result = gatewatch_core_poll(
                        core, &packet, sizeof packet, &event, sizeof event)) > 0)
                if (result == GATEWATCH_EVENT && event.kind == GATEWATCH_EVENT_REMOVED)
                    is_removed = 1;
            CHECK(result == 0);
            if (!is_removed) now = gatewatch_core_deadline(core);
            CHECK(now < INT64_MAX && gatewatch_core_handle_timeout(core, now) == 0);
        }
    }
    gatewatch_core_close(core);
}

// Those that have spoken take leave of their peers, all of them at a time.
static void take_leave(uint32_t mode) {
    enum { count = 100 };
    int64_t numbers[count];
    struct gatewatch *handle = open_handle(mode, count);
    struct gatewatch_session_config session = describe(0);
    for (int place = 0; place < count; place++) {
        session.destination.octets[3] = (uint8_t)(1 + place);
        numbers[place] = gatewatch_add(handle, &session);
        CHECK(numbers[place] > 0);
    }
    for (int place = 0; place < count; place++)
        CHECK(gatewatch_remove(handle, numbers[place]) == 0);
    wait_until_removed(handle, mode, count);
    gatewatch_close(handle);
}

static void live(int times) {
    for (uint32_t mode = GATEWATCH_MANAGED; mode <= GATEWATCH_DRIVEN; mode++) {
        cycle_handles(mode, times / 2);
        struct gatewatch *handle = open_handle(mode, 2);
        cycle_sessions(handle, mode, times / 2);
        gatewatch_close(handle);
    }
    cycle_cores(times);
}

int main(int count, char **arguments) {
    CHECK(count == 2 || count == 3);
    const int times = atoi(arguments[1]);
    if (count == 3) {
        for (int turn = 0; turn < times; turn++) (void)open_handle(GATEWATCH_DRIVEN, 2);
        return 0;
    }
    // What the first ones leave is the run time's own.
    take_leave(GATEWATCH_DRIVEN);
    live(100);
    const struct belongings before = look();
    live(times);
    const struct belongings after = look();
    printf("%d times: heap %+ld octets, resident %+ld KiB, descriptors %+d, threads %+d\n", times,
           (long)after.heap - (long)before.heap, after.resident - before.resident,
           after.descriptors - before.descriptors, after.threads - before.threads);
    CHECK(after.descriptors == before.descriptors && after.threads == before.threads);
    // The run time makes something once in a while, which is no more after ten thousand times.
    CHECK(after.heap < before.heap + (1 << 16) && after.resident < before.resident + (1 << 14));
    puts("cycles: all is well");
    return 0;
}
