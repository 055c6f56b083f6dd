// Handles come and go, and leave nothing behind: no thread, no descriptor, no memory.

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent.h"

static int count_entries(const char *folder) {
    DIR *opened = opendir(folder);
    CHECK(opened != NULL);
    int count = 0;
    while (readdir(opened) != NULL) count++;
    closedir(opened);
    return count;
}

static void live(uint32_t mode) {
    struct gatewatch_config config = handle_defaults(mode, NULL);
    config.session_capacity = 2;
    struct gatewatch *handle = opened(&config);
    struct gatewatch_session_config session = patient_session("127.0.0.1");
    const struct gatewatch_key key = {.secret = "a secret", .secret_size = 8, .id = 1};
    const struct gatewatch_keys keys = {
        .size = sizeof keys, .type = GATEWATCH_AUTH_KEYED_SHA1, .keys = &key, .key_count = 1,
    };
    session.keys = &keys;
    checked(gatewatch_add(handle, &session));
    session.interface_name = "a name that is too long";
    CHECK(gatewatch_add(handle, &session) == GATEWATCH_ERROR_ARGUMENT);
    session.interface_name = NULL;
    session.required_min_rx_us = 0;
    CHECK(gatewatch_add(handle, &session) == GATEWATCH_ERROR_ARGUMENT);
    gatewatch_close(handle);
}

// A driven handle whose events nobody takes: what does not fit is counted, no more and no less.
static void fall_behind(void) {
    enum { TURNS = 600 };
    struct gatewatch_config config = handle_defaults(GATEWATCH_DRIVEN, NULL);
    config.session_capacity = 1;
    struct gatewatch *handle = opened(&config);
    // Nobody answers there, so that each call makes one event.
    const struct gatewatch_session_config session = patient_session("127.0.0.3");
    const int64_t number = checked(gatewatch_add(handle, &session));
    for (int turn = 1; turn <= TURNS; turn++)
        checked(gatewatch_set_admin_down(handle, number, turn % 2));
    uint64_t changes = 0, lost = 0;
    struct gatewatch_event event;
    while (checked(gatewatch_next_event(handle, &event, sizeof event)) > 0) {
        if (event.kind == GATEWATCH_EVENT_STATE) changes++;
        if (event.kind == GATEWATCH_EVENT_LOST) lost += event.count;
    }
    CHECK(changes > 100 && lost > 100 && changes + lost == TURNS);
    gatewatch_close(handle);
}

// With ever more descriptors to spare, a handle is refused with a reason until there are enough,
// and a refused one leaves nothing behind.
static void run_short(uint32_t mode, int descriptors) {
    struct rlimit usual;
    CHECK(getrlimit(RLIMIT_NOFILE, &usual) == 0);
    const struct gatewatch_config config = handle_defaults(mode, NULL);
    struct gatewatch *handle = NULL;
    for (int spare = 0; handle == NULL; spare++) {
        CHECK(spare < 100);
        // Two of those counted are the folder's own, and one is open while it is read.
        struct rlimit scarce = usual;
        scarce.rlim_cur = (rlim_t)(descriptors - 3 + spare);
        CHECK(setrlimit(RLIMIT_NOFILE, &scarce) == 0);
        const int result = gatewatch_open(&config, &handle);
        CHECK(setrlimit(RLIMIT_NOFILE, &usual) == 0);
        CHECK((result == 0) == (handle != NULL));
        if (result < 0) CHECK(gatewatch_error_text(result)[0] != 0);
        // Threads of one that was refused may still be on their way out.
        int patience = 20000;
        while (handle == NULL && count_entries("/proc/self/fd") != descriptors) {
            CHECK(patience-- > 0);
            usleep(1000);
        }
    }
    gatewatch_close(handle);
}

int main(int count, char **arguments) {
    CHECK(count == 2);
    const int turns = atoi(arguments[1]);
    // What the first ones leave is the run time's own.
    for (int turn = 0; turn < 4; turn++) live(turn % 2 ? GATEWATCH_DRIVEN : GATEWATCH_MANAGED);
    const int descriptors = count_entries("/proc/self/fd");
    for (int turn = 0; turn < turns; turn++) {
        live(turn % 2 ? GATEWATCH_DRIVEN : GATEWATCH_MANAGED);
        // Who has waited for a thread may still see it: it leaves the list after that.
        int patience = 20000;
        while (count_entries("/proc/self/task") != 3) {
            CHECK(patience-- > 0);
            usleep(1000);
        }
    }
    CHECK(count_entries("/proc/self/fd") == descriptors);
    run_short(GATEWATCH_MANAGED, descriptors);
    run_short(GATEWATCH_DRIVEN, descriptors);
    fall_behind();
    puts("churn: all is well");
    return 0;
}
