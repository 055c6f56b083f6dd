// Handles come and go, and leave nothing behind: no thread, no descriptor, no memory.

#include <dirent.h>
#include <gatewatch.h>

#include "check.h"

static int count_entries(const char *folder) {
    DIR *opened = opendir(folder);
    CHECK(opened != NULL);
    int count = 0;
    while (readdir(opened) != NULL) count++;
    closedir(opened);
    return count;
}

static void live(uint32_t mode) {
    struct gatewatch_config config;
    CHECK(gatewatch_config_defaults(&config, sizeof config) == 0);
    config.mode = mode;
    config.session_capacity = 2;
    struct gatewatch *handle;
    const int result = gatewatch_open(&config, &handle);
    if (result < 0) fprintf(stderr, "%s\n", gatewatch_error_text(result));
    CHECK(result == 0);
    struct gatewatch_session_config session;
    CHECK(gatewatch_session_defaults(&session, sizeof session) == 0);
    CHECK(gatewatch_address_parse("127.0.0.1", &session.destination) == 0);
    CHECK(gatewatch_add(handle, &session) > 0);
    session.interface_name = "a name that is too long";
    CHECK(gatewatch_add(handle, &session) == GATEWATCH_ERROR_ARGUMENT);
    session.interface_name = NULL;
    session.required_min_rx_us = 0;
    CHECK(gatewatch_add(handle, &session) == GATEWATCH_ERROR_ARGUMENT);
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
        CHECK(count_entries("/proc/self/task") == 3);
    }
    CHECK(count_entries("/proc/self/fd") == descriptors);
    puts("churn: all is well");
    return 0;
}
