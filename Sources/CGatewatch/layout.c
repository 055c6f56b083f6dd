#include "gatewatch.h"
#include "gatewatch_core.h"

#include <assert.h>

// Programs have been compiled with these layouts: structures grow at their end, and never else.

static_assert(sizeof(struct gatewatch_address) == 17, "layout");
static_assert(offsetof(struct gatewatch_key, accepted_from) == 16, "layout");
static_assert(offsetof(struct gatewatch_keys, transmit_sequence) == 20, "layout");
static_assert(offsetof(struct gatewatch_session_config, destination) == 24, "layout");
static_assert(offsetof(struct gatewatch_session_config, pdu_size) == 70, "layout");
static_assert(offsetof(struct gatewatch_session_config, local_discriminator) == 80, "layout");
static_assert(offsetof(struct gatewatch_session_config, keys) == 112, "layout");
static_assert(offsetof(struct gatewatch_session_status, detection_time_ns) == 24, "layout");
static_assert(offsetof(struct gatewatch_session_status, downs) == 88, "layout");
static_assert(offsetof(struct gatewatch_session_status, destination) == 132, "layout");
static_assert(offsetof(struct gatewatch_session_status, transport) == 166, "layout");
static_assert(offsetof(struct gatewatch_event, text) == 56, "layout");
static_assert(offsetof(struct gatewatch_config, seed) == 32, "layout");
static_assert(offsetof(struct gatewatch_unsolicited, prefix) == 24, "layout");
static_assert(offsetof(struct gatewatch_unsolicited, desired_min_tx_us) == 44, "layout");
static_assert(offsetof(struct gatewatch_next_hop, weight) == 36, "layout");
static_assert(offsetof(struct gatewatch_route, prefix) == 24, "layout");
static_assert(offsetof(struct gatewatch_arrival, transport) == 50, "layout");
static_assert(offsetof(struct gatewatch_arrival, ttl) == 52, "layout");
static_assert(offsetof(struct gatewatch_packet, destination_port) == 58, "layout");
static_assert(offsetof(struct gatewatch_packet, bytes) == 64, "layout");

static_assert(sizeof(struct gatewatch_key) == 48, "layout");
static_assert(sizeof(struct gatewatch_keys) == 24, "layout");
static_assert(sizeof(struct gatewatch_session_config) == 144, "layout");
static_assert(sizeof(struct gatewatch_session_status) == 176, "layout");
static_assert(sizeof(struct gatewatch_event) == 184, "layout");
static_assert(sizeof(struct gatewatch_config) == 56, "layout");
static_assert(sizeof(struct gatewatch_unsolicited) == 56, "layout");
static_assert(sizeof(struct gatewatch_next_hop) == 40, "layout");
static_assert(sizeof(struct gatewatch_route) == 48, "layout");
static_assert(sizeof(struct gatewatch_arrival) == 56, "layout");
static_assert(sizeof(struct gatewatch_packet) == 128, "layout");
