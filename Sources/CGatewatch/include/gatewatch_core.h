/*
 * gatewatch_core.h - BFD sessions and nothing else: the pure way of gatewatch.h.
 *
 * The agent brings packets, time and sockets. No function of this file makes a system call, takes
 * a lock or waits; "one thread" holds for all of them.
 *
 *     receive, handle_timeout, add, ...   then   poll until 0   then   wait until deadline
 *
 * `now` is CLOCK_MONOTONIC or any other clock that never runs backwards, from 1.
 *
 * What needs a socket, an interface or a thread of the library is not here: Echo packets of our
 * own, sessions that peers start, routes.
 */
#ifndef GATEWATCH_CORE_H
#define GATEWATCH_CORE_H

#include "gatewatch_session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gatewatch_core;

/* Room for `session_capacity` sessions, 1 to 65536. `seed` must differ from run to run. */
int gatewatch_core_open(uint32_t session_capacity, uint64_t seed, struct gatewatch_core **opened);
void gatewatch_core_close(struct gatewatch_core *core);

/* As the functions without "core", at once. Moments of keys are on the clock of `now`. */
int64_t gatewatch_core_add(struct gatewatch_core *core,
                           const struct gatewatch_session_config *config, int64_t now);
int gatewatch_core_remove(struct gatewatch_core *core, int64_t session, int64_t now);
int gatewatch_core_set_admin_down(struct gatewatch_core *core, int64_t session, int down,
                                  int64_t now);
int gatewatch_core_update(struct gatewatch_core *core, int64_t session,
                          const struct gatewatch_session_config *config, int64_t now);
int gatewatch_core_set_keys(struct gatewatch_core *core, int64_t session,
                            const struct gatewatch_keys *keys, int64_t now);
int gatewatch_core_signal(struct gatewatch_core *core, int64_t session, int signal, int64_t value,
                          int64_t now);
int gatewatch_core_status(struct gatewatch_core *core, int64_t session,
                          struct gatewatch_session_status *status, size_t size);

/* How a packet came in. All of it is the agent's word: a TTL that is made up is a hole. */
struct gatewatch_arrival {
    uint32_t size;
    uint32_t interface_index;
    /* When it arrived, by the kernel's stamp, turned into the clock of `now`; not after `now`. */
    int64_t received_at;
    struct gatewatch_address source, destination;
    /* GATEWATCH_SINGLE_HOP for port 3784, GATEWATCH_MULTIHOP for 4784, GATEWATCH_MICRO_BFD for
     * 6784. */
    uint8_t transport;
    uint8_t reserved;
    /* TTL or hop limit as received, -1 when it is not known: then over one hop it is dropped. */
    int16_t ttl;
    uint16_t reserved_2;
};

/* Takes one UDP payload. Returns the number of its session, or GATEWATCH_ERROR_DISCARDED and in
 * `*reason` (which may be NULL) a word that is valid for ever, such as "ttl_not_255". */
int64_t gatewatch_core_receive(struct gatewatch_core *core, const void *bytes, size_t count,
                               const struct gatewatch_arrival *arrival, int64_t now,
                               const char **reason);

/* Does what is due. Everything that has arrived before `now` must have been received: silence is
 * judged here (RFC 5880 6.8.4). */
int gatewatch_core_handle_timeout(struct gatewatch_core *core, int64_t now);

/* When gatewatch_core_handle_timeout is due; INT64_MAX if never. */
int64_t gatewatch_core_deadline(struct gatewatch_core *core);

/* A packet to send now, with TTL 255 (RFC 5881 5), from a port of 49152 to 65535 that is the
 * session's own for as long as it lives (RFC 5881 4). */
struct gatewatch_packet {
    uint32_t size;
    uint32_t interface_index;
    int64_t session;
    uint64_t tag;
    struct gatewatch_address source, destination;
    uint16_t destination_port;
    uint16_t count;
    uint8_t reserved[2];
    uint8_t bytes[64];
};

enum { GATEWATCH_PACKET = 1, GATEWATCH_EVENT = 2 };

/* The next thing to do: GATEWATCH_PACKET to send `*packet`, GATEWATCH_EVENT to look at `*event`, 0
 * when all is said, or an error. Sizes are those of the structures. */
int gatewatch_core_poll(struct gatewatch_core *core, struct gatewatch_packet *packet,
                        size_t packet_size, struct gatewatch_event *event, size_t event_size);

#ifdef __cplusplus
}
#endif

#endif
