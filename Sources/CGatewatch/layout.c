#include "gatewatch.h"

#include <assert.h>

// Programs have been compiled with these layouts: structures grow at their end, and never else.

static_assert(sizeof(struct gatewatch_address) == 17, "layout");
static_assert(offsetof(struct gatewatch_session_config, destination) == 24, "layout");
static_assert(offsetof(struct gatewatch_session_config, local_discriminator) == 80, "layout");
static_assert(offsetof(struct gatewatch_session_status, detection_time_ns) == 24, "layout");
static_assert(offsetof(struct gatewatch_session_status, downs) == 88, "layout");
static_assert(offsetof(struct gatewatch_event, text) == 56, "layout");
static_assert(offsetof(struct gatewatch_config, seed) == 32, "layout");
static_assert(offsetof(struct gatewatch_next_hop, weight) == 36, "layout");
static_assert(offsetof(struct gatewatch_route, prefix) == 24, "layout");
static_assert(offsetof(struct gatewatch_arrival, transport) == 50, "layout");
static_assert(offsetof(struct gatewatch_arrival, ttl) == 52, "layout");
static_assert(offsetof(struct gatewatch_packet, destination_port) == 58, "layout");
static_assert(offsetof(struct gatewatch_packet, bytes) == 64, "layout");

static_assert(sizeof(struct gatewatch_session_config) == 88, "layout");
static_assert(sizeof(struct gatewatch_session_status) == 96, "layout");
static_assert(sizeof(struct gatewatch_event) == 184, "layout");
static_assert(sizeof(struct gatewatch_config) == 40, "layout");
static_assert(sizeof(struct gatewatch_next_hop) == 40, "layout");
static_assert(sizeof(struct gatewatch_route) == 48, "layout");
static_assert(sizeof(struct gatewatch_arrival) == 56, "layout");
static_assert(sizeof(struct gatewatch_packet) == 128, "layout");
