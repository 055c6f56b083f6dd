// Two ends without a socket: packets go from one to the other by hand, on a clock of our own.

#include <gatewatch_core.h>
#include <string.h>

#include "check.h"

enum { MILLISECOND = 1000000 };

struct end {
    struct gatewatch_core *core;
    int64_t session;
    uint8_t state;
    uint64_t changes, removals;
    uint8_t last_cause;
    // Whether it has another key.
    int is_distrustful;
};

static int64_t now = 1;

static struct gatewatch_address address(const char *text) {
    struct gatewatch_address parsed;
    CHECK(gatewatch_address_parse(text, &parsed) == 0);
    return parsed;
}

static struct gatewatch_session_config session(const char *to, const char *from) {
    struct gatewatch_session_config config;
    CHECK(gatewatch_session_defaults(&config, sizeof config) == 0);
    CHECK(config.size == sizeof config && config.desired_min_tx_us == 300000);
    config.destination = address(to);
    config.source = address(from);
    config.desired_min_tx_us = config.required_min_rx_us = 50000;
    config.tag = 7;
    return config;
}

static void open_end(struct end *end, uint64_t seed, const char *to, const char *from) {
    memset(end, 0, sizeof *end);
    CHECK(gatewatch_core_open(2, seed, &end->core) == 0);
    const struct gatewatch_session_config config = session(to, from);
    end->session = gatewatch_core_add(end->core, &config, now);
    CHECK(end->session > 0);
    end->state = GATEWATCH_STATE_DOWN;
}

static void deliver(const struct gatewatch_packet *packet, struct end *to) {
    struct gatewatch_arrival arrival = {
        .size = sizeof arrival,
        .received_at = now,
        .source = packet->source,
        .destination = packet->destination,
        .ttl = 255,
    };
    CHECK(packet->destination_port == 3784);
    // The digest of SHA1 and what comes with it are 28 octets (RFC 5880 4.4).
    CHECK(packet->count == 24 + (packet->bytes[1] & 4 ? 28 : 0));
    const char *reason = "none";
    const int64_t session = gatewatch_core_receive(to->core, packet->bytes, packet->count,
                                                   &arrival, now, &reason);
    if (to->is_distrustful) {
        CHECK(session == GATEWATCH_ERROR_DISCARDED && strcmp(reason, "auth_mismatch") == 0);
        return;
    }
    // What a disabled session hears is kept, and no more.
    CHECK(session == to->session || to->state == GATEWATCH_STATE_ADMIN_DOWN);
}

static void fetch(struct end *end, struct end *peer, int is_cut) {
    struct gatewatch_packet packet;
    struct gatewatch_event event;
    int kind;
    while ((kind = gatewatch_core_poll(end->core, &packet, sizeof packet, &event,
                                       sizeof event)) > 0) {
        if (kind == GATEWATCH_PACKET) {
            CHECK(packet.session == end->session && packet.tag == 7);
            if (!is_cut) deliver(&packet, peer);
            continue;
        }
        CHECK(event.session == end->session && event.tag == 7 && event.at <= now);
        if (event.kind == GATEWATCH_EVENT_REMOVED) {
            end->removals++;
            continue;
        }
        CHECK(event.kind == GATEWATCH_EVENT_STATE && event.old_state == end->state);
        end->state = event.new_state;
        end->last_cause = event.cause;
        end->changes++;
    }
    CHECK(kind == 0);
}

// Goes from deadline to deadline for a while.
static void run(struct end *one, struct end *other, int64_t milliseconds, int is_cut) {
    const int64_t until = now + milliseconds * MILLISECOND;
    while (now < until) {
        CHECK(gatewatch_core_handle_timeout(one->core, now) == 0);
        CHECK(gatewatch_core_handle_timeout(other->core, now) == 0);
        // What one sends may have the other answer at once.
        for (int turn = 0; turn < 3; turn++) {
            fetch(one, other, is_cut);
            fetch(other, one, is_cut);
        }
        int64_t next = gatewatch_core_deadline(one->core);
        const int64_t others = gatewatch_core_deadline(other->core);
        if (others < next) next = others;
        CHECK(next > now);
        now = next < until ? next : until;
    }
}

static void check_status(const struct end *end) {
    struct gatewatch_session_status status;
    CHECK(gatewatch_core_status(end->core, end->session, &status, sizeof status) == 0);
    CHECK(status.state == GATEWATCH_STATE_UP && status.remote_state == GATEWATCH_STATE_UP);
    CHECK(status.transmit_interval_us == 50000 && status.receive_interval_us == 50000);
    CHECK(status.detection_time_ns == 150 * MILLISECOND);
    CHECK(status.local_discriminator != 0 && status.remote_discriminator != 0);
    CHECK(status.received > 0 && status.sent > 0 && status.send_failed == 0 && status.downs == 0);
    // A program that was compiled with a shorter structure gets what it knows, and no more.
    uint8_t bytes[sizeof status];
    memset(bytes, 0xee, sizeof bytes);
    CHECK(gatewatch_core_status(end->core, end->session, (void *)bytes, 16) == 0);
    CHECK(bytes[4] == GATEWATCH_STATE_UP && bytes[16] == 0xee);
}

static void check_life(void) {
    struct end one, other;
    open_end(&one, 1, "10.9.0.2", "10.9.0.1");
    open_end(&other, 2, "10.9.0.1", "10.9.0.2");
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_UP && other.state == GATEWATCH_STATE_UP);
    check_status(&one);
    check_status(&other);
    run(&one, &other, 1000, 1);
    CHECK(one.state == GATEWATCH_STATE_DOWN);
    CHECK(one.last_cause == GATEWATCH_CAUSE_DETECTION_TIME_EXPIRED);
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_UP && other.state == GATEWATCH_STATE_UP);
    const uint64_t changes = one.changes;
    struct gatewatch_session_config config = session("10.9.0.2", "10.9.0.1");
    config.desired_min_tx_us = 100000;
    CHECK(gatewatch_core_update(one.core, one.session, &config, now) == 0);
    run(&one, &other, 2000, 0);
    CHECK(one.changes == changes && one.state == GATEWATCH_STATE_UP);
    CHECK(gatewatch_core_set_admin_down(one.core, one.session, 1, now) == 0);
    run(&one, &other, 2000, 0);
    CHECK(one.state == GATEWATCH_STATE_ADMIN_DOWN && other.state == GATEWATCH_STATE_DOWN);
    CHECK(other.last_cause == GATEWATCH_CAUSE_PEER_ADMIN_DOWN);
    CHECK(gatewatch_core_set_admin_down(one.core, one.session, 0, now) == 0);
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_UP && other.state == GATEWATCH_STATE_UP);
    CHECK(gatewatch_core_remove(one.core, one.session, now) == 0);
    run(&one, &other, 10000, 0);
    CHECK(one.removals == 1 && other.state == GATEWATCH_STATE_DOWN);
    CHECK(gatewatch_core_remove(one.core, one.session, now) == GATEWATCH_ERROR_UNKNOWN_SESSION);
    gatewatch_core_close(one.core);
    gatewatch_core_close(other.core);
}

// A session on the path of one that is being removed makes it go at once; both are told apart.
static void check_succession(void) {
    struct end one, other;
    open_end(&one, 3, "10.9.0.2", "10.9.0.1");
    open_end(&other, 4, "10.9.0.1", "10.9.0.2");
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_UP);
    CHECK(gatewatch_core_remove(one.core, one.session, now) == 0);
    struct gatewatch_session_config config = session("10.9.0.2", "10.9.0.1");
    config.tag = 8;
    const int64_t successor = gatewatch_core_add(one.core, &config, now);
    CHECK(successor > 0 && successor != one.session);
    struct gatewatch_packet packet;
    struct gatewatch_event event;
    int kind, changes = 0, removals = 0;
    CHECK(gatewatch_core_handle_timeout(one.core, now) == 0);
    while ((kind = gatewatch_core_poll(one.core, &packet, sizeof packet, &event,
                                       sizeof event)) > 0) {
        if (kind == GATEWATCH_PACKET) {
            CHECK(packet.session == successor && packet.tag == 8);
            continue;
        }
        CHECK(event.session == one.session && event.tag == 7);
        if (event.kind == GATEWATCH_EVENT_STATE) changes++;
        if (event.kind == GATEWATCH_EVENT_REMOVED) removals++;
    }
    CHECK(kind == 0 && changes == 1 && removals == 1);
    gatewatch_core_close(one.core);
    gatewatch_core_close(other.core);
}

static int set_key(struct end *end, uint32_t type, const char *secret) {
    const struct gatewatch_key key = {
        .secret = secret, .secret_size = (uint32_t)strlen(secret), .id = 7,
    };
    const struct gatewatch_keys keys = {
        .size = sizeof keys, .type = type, .keys = &key, .key_count = 1,
    };
    return gatewatch_core_set_keys(end->core, end->session, &keys, now);
}

// Ends with the same key believe each other, and others do not.
static void check_keys(void) {
    struct end one, other;
    open_end(&one, 5, "10.9.0.2", "10.9.0.1");
    open_end(&other, 6, "10.9.0.1", "10.9.0.2");
    CHECK(set_key(&one, GATEWATCH_AUTH_KEYED_SHA1, "known to both") == 0);
    CHECK(set_key(&other, GATEWATCH_AUTH_KEYED_SHA1, "known to none") == 0);
    one.is_distrustful = other.is_distrustful = 1;
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_DOWN && other.state == GATEWATCH_STATE_DOWN);
    struct gatewatch_session_status status;
    CHECK(gatewatch_core_status(one.core, one.session, &status, sizeof status) == 0);
    CHECK(status.discarded > 0 && strcmp(status.discard_reason, "auth_mismatch") == 0);
    CHECK(status.authentication == GATEWATCH_AUTH_KEYED_SHA1 && status.transmit_sequence != 0);
    CHECK(set_key(&other, GATEWATCH_AUTH_KEYED_SHA1, "known to both") == 0);
    one.is_distrustful = other.is_distrustful = 0;
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_UP && other.state == GATEWATCH_STATE_UP);
    CHECK(set_key(&one, GATEWATCH_AUTH_SIMPLE_PASSWORD + 8, "x") == GATEWATCH_ERROR_KEYS);
    CHECK(set_key(&one, GATEWATCH_AUTH_KEYED_SHA1, "") == GATEWATCH_ERROR_KEYS);
    CHECK(set_key(&one, GATEWATCH_AUTH_KEYED_MD5, "seventeen octets!") == GATEWATCH_ERROR_KEYS);
    one.session++;
    CHECK(set_key(&one, GATEWATCH_AUTH_KEYED_MD5, "x") == GATEWATCH_ERROR_UNKNOWN_SESSION);
    gatewatch_core_close(one.core);
    gatewatch_core_close(other.core);
}

static int tell(struct end *end, int signal, int64_t value) {
    return gatewatch_core_signal(end->core, end->session, signal, value, now);
}

// What the world outside BFD may tell a session.
static void check_signals(void) {
    struct end one, other;
    open_end(&one, 7, "10.9.0.2", "10.9.0.1");
    open_end(&other, 8, "10.9.0.1", "10.9.0.2");
    CHECK(tell(&one, GATEWATCH_SIGNAL_CONCATENATED_PATH_DOWN, 0) == GATEWATCH_ERROR_STATE);
    CHECK(tell(&one, 0, 0) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(tell(&one, GATEWATCH_SIGNAL_FORCE_DOWN, 32) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(tell(&one, GATEWATCH_SIGNAL_LENGTHEN_INTERVALS, 0) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(tell(&one, GATEWATCH_SIGNAL_HOLD, -1) == 0);
    run(&one, &other, 5000, 0);
    CHECK(one.state != GATEWATCH_STATE_UP);
    CHECK(tell(&one, GATEWATCH_SIGNAL_RELEASE, 0) == 0);
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_UP && other.state == GATEWATCH_STATE_UP);
    const uint64_t changes = one.changes;
    CHECK(tell(&one, GATEWATCH_SIGNAL_CONCATENATED_PATH_DOWN, 0) == 0);
    CHECK(tell(&one, GATEWATCH_SIGNAL_LENGTHEN_INTERVALS, 800000) == 0);
    CHECK(tell(&one, GATEWATCH_SIGNAL_VERIFY, 0) == 0);
    run(&one, &other, 5000, 0);
    struct gatewatch_session_status status;
    CHECK(gatewatch_core_status(other.core, other.session, &status, sizeof status) == 0);
    CHECK(status.remote_diagnostic == 6 && status.receive_interval_us == 800000);
    CHECK(one.changes == changes);
    CHECK(tell(&one, GATEWATCH_SIGNAL_CONCATENATED_PATH_UP, 0) == 0);
    CHECK(tell(&one, GATEWATCH_SIGNAL_RESTORE_INTERVALS, 0) == 0);
    CHECK(tell(&one, GATEWATCH_SIGNAL_PATH_DOWN, 0) == 0);
    run(&one, &other, 2000, 0);
    CHECK(one.state == GATEWATCH_STATE_ADMIN_DOWN && one.last_cause == GATEWATCH_CAUSE_PATH_DOWN);
    CHECK(tell(&one, GATEWATCH_SIGNAL_PATH_UP, 0) == 0);
    run(&one, &other, 5000, 0);
    CHECK(one.state == GATEWATCH_STATE_UP && other.state == GATEWATCH_STATE_UP);
    gatewatch_core_close(one.core);
    gatewatch_core_close(other.core);
}

static void check_refusals(void) {
    struct gatewatch_core *core = NULL;
    CHECK(gatewatch_core_open(0, 1, &core) == GATEWATCH_ERROR_ARGUMENT && core == NULL);
    CHECK(gatewatch_core_open(1, 1, NULL) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(gatewatch_core_open(1, 1, &core) == 0);
    struct gatewatch_session_config config = session("10.9.0.2", "10.9.0.1");
    config.size = 4;
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_ARGUMENT);
    config.size = sizeof config;
    config.source = address("fe80::1");
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_FAMILY);
    config.source.family = 0;
    config.detect_multiplier = 0;
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_ARGUMENT);
    config.detect_multiplier = 3;
    config.desired_min_echo_tx_us = 50000;
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_ARGUMENT);
    config.desired_min_echo_tx_us = 0;
    config.strict_source = 3;
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_ARGUMENT);
    config.strict_source = GATEWATCH_NO;
    config.start_delay_ns = -1;
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_ARGUMENT);
    config.start_delay_ns = 0;
    CHECK(gatewatch_core_add(core, NULL, 5) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(gatewatch_core_add(NULL, &config, 5) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(gatewatch_core_add(core, &config, 0) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(gatewatch_core_add(core, &config, 5) > 0);
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_PATH_IN_USE);
    config.destination = address("10.9.0.3");
    CHECK(gatewatch_core_add(core, &config, 5) == GATEWATCH_ERROR_FULL);
    CHECK(gatewatch_core_handle_timeout(core, 4) == GATEWATCH_ERROR_CLOCK);
    CHECK(gatewatch_core_handle_timeout(core, 6) == 0);
    const char *reason = NULL;
    struct gatewatch_arrival arrival = {
        .size = sizeof arrival, .source = address("10.9.0.2"),
        .destination = address("10.9.0.1"), .ttl = 64,
    };
    uint8_t bytes[24] = {0x20};
    CHECK(gatewatch_core_receive(core, bytes, sizeof bytes, &arrival, 7, &reason) ==
          GATEWATCH_ERROR_DISCARDED);
    CHECK(strcmp(reason, "ttl_not_255") == 0);
    arrival.ttl = 255;
    CHECK(gatewatch_core_receive(core, bytes, 3, &arrival, 7, &reason) ==
          GATEWATCH_ERROR_DISCARDED);
    CHECK(strcmp(reason, "too_short") == 0);
    CHECK(gatewatch_core_poll(core, NULL, 0, NULL, 0) == GATEWATCH_ERROR_ARGUMENT);
    gatewatch_core_close(core);
    gatewatch_core_close(NULL);
}

static void check_texts(void) {
    CHECK(gatewatch_version() >= GATEWATCH_VERSION);
    CHECK(strcmp(gatewatch_error_text(-2), "No such file or directory") == 0);
    for (int64_t error = GATEWATCH_ERROR_STATE; error <= GATEWATCH_ERROR_ARGUMENT; error++)
        CHECK(strstr(gatewatch_error_text(error), "unknown") == NULL);
    CHECK(strstr(gatewatch_error_text(INT64_MIN), "unknown") != NULL);
    CHECK(strlen(gatewatch_error_text(-4095)) > 0 && strlen(gatewatch_error_text(0)) > 0);
    const char *const texts[] = {"10.9.0.1", "2001:db8::1", "::", "255.255.255.255"};
    for (size_t place = 0; place < sizeof texts / sizeof *texts; place++) {
        const struct gatewatch_address parsed = address(texts[place]);
        char text[40];
        CHECK(gatewatch_address_text(&parsed, text, sizeof text) == (int)strlen(texts[place]));
        CHECK(strcmp(text, texts[place]) == 0);
        CHECK(gatewatch_address_text(&parsed, text, 2) == GATEWATCH_ERROR_ARGUMENT);
    }
    struct gatewatch_address none;
    CHECK(gatewatch_address_parse("10.9.0", &none) == GATEWATCH_ERROR_ARGUMENT);
}

int main(void) {
    check_texts();
    check_refusals();
    check_life();
    check_succession();
    check_keys();
    check_signals();
    for (int turn = 0; turn < 1000; turn++) {
        struct gatewatch_core *core;
        CHECK(gatewatch_core_open(1, (uint64_t)turn, &core) == 0);
        gatewatch_core_close(core);
    }
    puts("pure: all is well");
    return 0;
}
