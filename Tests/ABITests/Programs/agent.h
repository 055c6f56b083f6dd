#pragma once

#include <gatewatch.h>
#include <time.h>

#include "check.h"

// What agents have in common.

enum { PATIENCE_SECONDS = 60 };

static inline int64_t present(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Ends the program where a call has failed, with the library's own words.
static inline int64_t checked(int64_t result) {
    if (result < 0) fprintf(stderr, "%s\n", gatewatch_error_text(result));
    CHECK(result >= 0);
    return result;
}

static inline struct gatewatch_config handle_defaults(uint32_t mode, const char *namespace) {
    struct gatewatch_config config;
    checked(gatewatch_config_defaults(&config, sizeof config));
    config.mode = mode;
    config.namespace_path = namespace;
    return config;
}

static inline struct gatewatch *opened(const struct gatewatch_config *config) {
    struct gatewatch *handle;
    checked(gatewatch_open(config, &handle));
    return handle;
}

// A session so slow to fail that a busy machine fails none by chance.
static inline struct gatewatch_session_config patient_session(const char *peer) {
    struct gatewatch_session_config config;
    checked(gatewatch_session_defaults(&config, sizeof config));
    checked(gatewatch_address_parse(peer, &config.destination));
    config.desired_min_tx_us = config.required_min_rx_us = 100000;
    config.detect_multiplier = 30;
    return config;
}
