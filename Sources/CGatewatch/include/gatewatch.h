/*
 * gatewatch.h - BFD sessions inside an agent: RFC 5880, over one hop (RFC 5881) or many (RFC 5883).
 *
 *     cc agent.c $(pkg-config --cflags --libs gatewatch)
 *
 * A session says within some milliseconds that the path to a peer does not work any more, and
 * that it works again. There are three ways to have one:
 *
 *     managed   gatewatch_open with GATEWATCH_MANAGED. The library has threads and sockets of its
 *               own, keeps routes if told to, and the agent takes events out of a queue.
 *     driven    gatewatch_open with GATEWATCH_DRIVEN. The library has sockets, and no thread: the
 *               agent's loop watches one descriptor and calls gatewatch_serve when it is readable.
 *     pure      gatewatch_core_open. The library has nothing: the agent brings packets, time and
 *               sockets. No function of this way makes a system call.
 *
 * Results      0 or more is success. -1 to -4095 is an errno of the kernel, negated; what is below
 *              is one of the errors of this file. gatewatch_error_text knows both.
 * Time         Moments are nanoseconds of CLOCK_MONOTONIC. Intervals carry their unit in the name.
 * Structures   Begin with their size, and grow at their end only. A ..._defaults function fills in
 *              what the library at hand knows; a structure that is filled in by the library comes
 *              with the size of the caller's. So programs and libraries of different age fit.
 * Memory       The caller's own: what is passed in is copied before a function returns, and what
 *              comes out is written into the caller's structures. Handles are closed once. Opening
 *              one may answer -ENOMEM or -EAGAIN; what finds no memory later ends the process.
 * Threads      "Any thread" means from several at once, too. "One thread" means one at a time, and
 *              that calls for the same handle never overlap; other handles do not matter.
 * Signals      The library's threads block all of them. It installs no handler.
 * fork         A child has no threads of the library: it may use no handle it has from its parent,
 *              and keeps the ports until it ends, or execs: then all descriptors close.
 * Callbacks    There are none.
 */
#ifndef GATEWATCH_H
#define GATEWATCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The interface that this file describes, and the one that the library implements: this or later.
 * Any thread. */
#define GATEWATCH_VERSION 1
uint32_t gatewatch_version(void);

enum {
    /* A pointer is NULL, a size too small, a number outside its range, or a text no address. */
    GATEWATCH_ERROR_ARGUMENT = -5001,
    /* All the sessions that the handle has room for are there, those being removed included. */
    GATEWATCH_ERROR_FULL = -5002,
    /* No session has this number, or it has been removed. */
    GATEWATCH_ERROR_UNKNOWN_SESSION = -5003,
    /* Another session has the same addresses and interface. Managed: they share one instead. */
    GATEWATCH_ERROR_PATH_IN_USE = -5004,
    /* Source and destination are of different families. */
    GATEWATCH_ERROR_FAMILY = -5005,
    /* The network namespace cannot be entered: absent, not a namespace, or not permitted. */
    GATEWATCH_ERROR_NAMESPACE = -5006,
    /* A thread of the library did not answer within five seconds. */
    GATEWATCH_ERROR_NOT_RESPONDING = -5007,
    /* The function is not for a handle of this mode. */
    GATEWATCH_ERROR_MODE = -5008,
    /* The route cannot be: no next hop, the same twice, or of another family. */
    GATEWATCH_ERROR_ROUTE = -5009,
    /* Pure: the moment is earlier than one that was given before. */
    GATEWATCH_ERROR_CLOCK = -5010,
    /* Pure: fetch what gatewatch_core_poll has first. */
    GATEWATCH_ERROR_POLL_FIRST = -5011,
    /* Pure: the packet was dropped, and counted. */
    GATEWATCH_ERROR_DISCARDED = -5012,
    /* An error of the library. */
    GATEWATCH_ERROR_OTHER = -5013
};

/* What a negative result means, in English; never NULL, and valid for ever. Any thread. */
const char *gatewatch_error_text(int64_t error);

/* An address: four octets or sixteen, as they stand in a packet. */
struct gatewatch_address {
    /* 4 or 6; 0 for no address. */
    uint8_t family;
    uint8_t octets[16];
};

/* Reads "10.9.0.1" or any form of an IPv6 address, without zone and brackets.
 * Returns 0 or GATEWATCH_ERROR_ARGUMENT. Any thread. */
int gatewatch_address_parse(const char *text, struct gatewatch_address *address);

/* Writes an address and its final zero; 40 octets are enough for each (RFC 5952).
 * Returns its length, or GATEWATCH_ERROR_ARGUMENT when `size` is too small. Any thread. */
int gatewatch_address_text(const struct gatewatch_address *address, char *text, size_t size);

/* Sessions: the same for all three ways. */
/* States, as numbered in packets (RFC 5880 4.1). */
enum {
    GATEWATCH_STATE_ADMIN_DOWN = 0, GATEWATCH_STATE_DOWN = 1,
    GATEWATCH_STATE_INIT = 2, GATEWATCH_STATE_UP = 3
};

/* UDP port 3784 and TTL 255 (RFC 5881), or UDP port 4784 (RFC 5883). */
enum { GATEWATCH_SINGLE_HOP = 0, GATEWATCH_MULTIHOP = 1 };

/* A session to keep. gatewatch_session_defaults comes first; `destination` has to be set. */
struct gatewatch_session_config {
    uint32_t size;
    /* Pure: the index of the interface the session is bound to; 0 for none. Else ignored. */
    uint32_t interface_index;
    /* Managed and driven: the name of that interface; NULL for none. A link-local destination needs
     * one. Managed: it may come, go and come back. Driven: it must be there. Pure: ignored. */
    const char *interface_name;
    /* The caller's own; comes with every event. */
    uint64_t tag;
    /* The peer. */
    struct gatewatch_address destination;
    /* Our address; family 0 has the kernel choose, and takes what comes to any. */
    struct gatewatch_address source;
    /* GATEWATCH_SINGLE_HOP unless set. */
    uint8_t transport;
    /* 1 to say nothing before the peer has been heard (RFC 5880 6.1); 0 unless set. */
    uint8_t passive;
    /* bfd.DetectMult, 1 to 255: how many packets may be missing. 3 unless set. */
    uint8_t detect_multiplier;
    /* The lowest TTL to accept, 1 to 255; 0 unless set: 255 over one hop, any over several. */
    uint8_t minimum_ttl;
    /* 1 to begin in AdminDown; 0 unless set. */
    uint8_t admin_down;
    /* 1 for the C bit: BFD survives the loss of the agent (RFC 5882 4.3). 0 unless set. */
    uint8_t control_plane_independent;
    /* TOS or traffic class of the packets; 0xc0 (CS6) unless set. Pure: ignored. */
    uint8_t traffic_class;
    uint8_t reserved[7];
    /* bfd.DesiredMinTxInterval and bfd.RequiredMinRxInterval, 1 to 4294967295 microseconds; 300000
     * unless set. Before a session is Up it sends once a second at most (RFC 5880 6.8.3). */
    uint32_t desired_min_tx_us;
    uint32_t required_min_rx_us;
    /* The discriminator a previous run had, if it is free; 0 draws one. Peers that remember it
     * come up sooner. */
    uint32_t local_discriminator;
    uint32_t reserved_2;
};

/* Fills in the defaults. `size` is sizeof *config. Any thread. */
int gatewatch_session_defaults(struct gatewatch_session_config *config, size_t size);

/* How a session stands. What is not known yet is 0. */
struct gatewatch_session_status {
    uint32_t size;
    /* bfd.SessionState, bfd.RemoteSessionState, bfd.LocalDiag and the peer's own diagnostic. */
    uint8_t state, remote_state, local_diagnostic, remote_diagnostic;
    uint32_t local_discriminator, remote_discriminator;
    /* The intervals in force (RFC 5880 6.8.2), in microseconds. */
    uint32_t transmit_interval_us, receive_interval_us;
    /* The peer is given up after so long a silence (RFC 5880 6.8.4), in nanoseconds. */
    int64_t detection_time_ns;
    /* When the session last entered Up, last left it, and the last valid packet arrived. */
    int64_t last_up, last_down, last_received;
    /* Packets: valid ones received, sent, refused by the kernel, received and discarded. */
    uint64_t received, sent, send_failed, discarded;
    /* How often the session left Up for Down. */
    uint64_t downs;
};

enum {
    GATEWATCH_EVENT_STATE = 1,
    /* A removed session has told its peer, and is gone. */
    GATEWATCH_EVENT_REMOVED = 2,
    /* A route changed or could not be changed: `text` says which and why. */
    GATEWATCH_EVENT_ROUTE = 3,
    /* Something works less well than asked for; `text` says what, once. */
    GATEWATCH_EVENT_WARNING = 4,
    /* `count` events could not be kept, because nobody took them: gatewatch_status tells what
     * they came to. */
    GATEWATCH_EVENT_LOST = 5
};

/* Why a state changed. */
enum {
    GATEWATCH_CAUSE_HANDSHAKE = 0, GATEWATCH_CAUSE_PEER_DOWN = 1,
    /* No failure (RFC 5882 4.2). */
    GATEWATCH_CAUSE_PEER_ADMIN_DOWN = 2,
    /* Nothing valid arrived for the detection time. */
    GATEWATCH_CAUSE_DETECTION_TIME_EXPIRED = 3,
    GATEWATCH_CAUSE_DISABLED = 4, GATEWATCH_CAUSE_ENABLED = 5,
    GATEWATCH_CAUSE_PATH_DOWN = 6, GATEWATCH_CAUSE_ECHO_FAILED = 7,
    GATEWATCH_CAUSE_PATH_RESTORED = 8, GATEWATCH_CAUSE_FORWARDING_PLANE_RESET = 9,
    GATEWATCH_CAUSE_NOT_UP_IN_TIME = 10, GATEWATCH_CAUSE_TAKEN_OVER = 11
};

/* Something that happened. */
struct gatewatch_event {
    uint32_t size;
    uint32_t kind;
    /* Whose it is, and the caller's tag of it; 0 where it is about no session. */
    int64_t session;
    uint64_t tag;
    /* When it was decided, and when the last valid packet had arrived; 0 if none had. */
    int64_t at, last_received;
    uint8_t old_state, new_state, cause;
    /* Why, in the words of RFC 5880 4.1: ours, and the peer's own. */
    uint8_t local_diagnostic, remote_diagnostic;
    uint8_t reserved[3];
    uint64_t count;
    /* Ends with a zero; cut where it is longer. */
    char text[128];
};

/* Managed and driven. */
struct gatewatch;
enum { GATEWATCH_MANAGED = 0, GATEWATCH_DRIVEN = 1 };

/* How to run. gatewatch_config_defaults comes first, and all of it may stay as it is. */
struct gatewatch_config {
    uint32_t size;
    /* GATEWATCH_MANAGED unless set. */
    uint32_t mode;
    /* How many sessions there may be, 1 to 65536; 64 unless set. Memory for all is taken at once,
     * some 2 kB each. */
    uint32_t session_capacity;
    /* Managed: SCHED_FIFO priority of the threads, 1 to 99; 0 unless set leaves them alone. What
     * the kernel refuses is done without, and told by GATEWATCH_EVENT_WARNING. */
    int32_t priority;
    /* Managed: the processor for the threads to stay on; -1 unless set: any. */
    int32_t processor;
    /* Managed: 1 keeps all pages of the process in memory; 0 unless set. */
    uint32_t lock_memory;
    /* Managed: the network namespace to work in, such as "/run/netns/ovnext"; NULL unless set: that
     * of the calling thread. Driven: NULL, for the calling thread is the one that works. */
    const char *namespace_path;
    /* Random numbers follow from it; 0 unless set: drawn from the kernel. */
    uint64_t seed;
};

/* Fills in the defaults. `size` is sizeof *config. Any thread. */
int gatewatch_config_defaults(struct gatewatch_config *config, size_t size);

/* Opens sockets and, when managed, starts two threads; sessions are added afterwards. `config` may
 * be NULL. Needs CAP_NET_RAW for sessions with an interface, CAP_SYS_ADMIN for another namespace.
 * One handle a namespace: -EADDRINUSE. `*opened` is NULL after an error. Any thread. */
int gatewatch_open(const struct gatewatch_config *config, struct gatewatch **opened);

/* Ends all, waits for the threads, and frees the handle; NULL is nothing to close. Peers are told
 * nothing, and see a failure: to spare them that, remove the sessions and wait for
 * GATEWATCH_EVENT_REMOVED of each. Routes stay as they are. No other call may be under way. */
void gatewatch_close(struct gatewatch *handle);

/* Starts a session; returns its number, from 1 and never used again, or an error. An active one
 * sends at once, or as soon as a descriptor is free. Managed: any thread; waits. Driven: one. */
int64_t gatewatch_add(struct gatewatch *handle, const struct gatewatch_session_config *config);

/* Tells the peer (AdminDown, for its detection time, 3 s or longer) and removes the session then:
 * see GATEWATCH_EVENT_REMOVED. Managed: any thread. Driven: one thread. */
int gatewatch_remove(struct gatewatch *handle, int64_t session);

/* Disables (`down` not 0) or enables a session (RFC 5880 6.8.16). Threads as gatewatch_remove. */
int gatewatch_set_admin_down(struct gatewatch *handle, int64_t session, int down);

/* Has a session go on with the intervals, multiplier, TTL, role and C bit of `config`, without a
 * flap (RFC 5880 6.8.3); the rest is ignored. Threads as gatewatch_remove. */
int gatewatch_update(struct gatewatch *handle, int64_t session,
                     const struct gatewatch_session_config *config);

/* How a session stands. `size` is sizeof *status. Managed: any thread, and it waits for an answer.
 * Driven: one thread. */
int gatewatch_status(struct gatewatch *handle, int64_t session,
                     struct gatewatch_session_status *status, size_t size);

/* The descriptor to poll for reading; it belongs to the handle, and is never read by others.
 * Managed: readable when there are events. Driven: readable when gatewatch_serve is due, be it for
 * a packet or for a deadline. Any thread. */
int gatewatch_descriptor(struct gatewatch *handle);

/* Driven: when gatewatch_serve is due though no packet comes; INT64_MAX if never. The descriptor
 * becomes readable then as well: only a loop that waits by other means needs it. One thread. */
int64_t gatewatch_deadline(struct gatewatch *handle);

/* Driven: receives and sends what is due, without waiting. Returns 1 when there are events, 0 when
 * there are none, or an error. Other calls serve by themselves: look for events after them, too.
 * A caller that stays away for longer than the peer's detection time fails the session there; our
 * own end first reads what has arrived, and judges then. One thread. */
int gatewatch_serve(struct gatewatch *handle);

/* Takes the oldest event. Returns 1, 0 when there is none, or an error. The descriptor of a managed
 * handle is readable again only when something new has happened: call until it returns 0. `size` is
 * sizeof *event. Managed: any thread. Driven: one thread. */
int gatewatch_next_event(struct gatewatch *handle, struct gatewatch_event *event, size_t size);

/* Routes: managed only. */
enum { GATEWATCH_WITHDRAW = 0, GATEWATCH_KEEP = 1, GATEWATCH_BLACKHOLE = 2 };

/* A way out, taken while its session is Up. */
struct gatewatch_next_hop {
    int64_t session;
    /* The link to leave by; NULL: wherever the gateway is on a link. */
    const char *interface_name;
    struct gatewatch_address via;
    uint8_t reserved[3];
    /* The share of the traffic, 1 to 256. */
    uint32_t weight;
};

/* A route that holds the next hops whose sessions are Up. Zeros are the defaults. */
struct gatewatch_route {
    uint32_t size;
    /* The routing table; 0: main. */
    uint32_t table;
    uint32_t metric;
    uint32_t next_hop_count;
    const struct gatewatch_next_hop *next_hops;
    struct gatewatch_address prefix;
    uint8_t prefix_length;
    /* When a session is disabled at either end: GATEWATCH_WITHDRAW or GATEWATCH_KEEP. */
    uint8_t on_admin_down;
    /* When none is left: GATEWATCH_WITHDRAW, GATEWATCH_KEEP (the last ones) or _BLACKHOLE. */
    uint8_t when_none_up;
    uint8_t reserved[4];
};

/* Keeps these routes and no others from now on; none with `count` 0. All or nothing. `route_size`
 * is sizeof *routes. A route of somebody else with the same prefix, table and metric is never
 * replaced: GATEWATCH_EVENT_ROUTE says so. Needs CAP_NET_ADMIN. Any thread; waits for an answer. */
int gatewatch_set_routes(struct gatewatch *handle, const struct gatewatch_route *routes,
                         size_t count, size_t route_size);

/* Pure: sessions, and nothing else. One thread for all functions below.
 *
 *     receive, handle_timeout, add, ...   then   poll until 0   then   wait until deadline
 *
 * `now` is CLOCK_MONOTONIC or any other clock that never runs backwards, from 1. */
struct gatewatch_core;

/* Room for `session_capacity` sessions, 1 to 65536. `seed` must differ from run to run. */
int gatewatch_core_open(uint32_t session_capacity, uint64_t seed, struct gatewatch_core **opened);
void gatewatch_core_close(struct gatewatch_core *core);

/* As the functions without "core". */
int64_t gatewatch_core_add(struct gatewatch_core *core,
                           const struct gatewatch_session_config *config, int64_t now);
int gatewatch_core_remove(struct gatewatch_core *core, int64_t session, int64_t now);
int gatewatch_core_set_admin_down(struct gatewatch_core *core, int64_t session, int down,
                                  int64_t now);
int gatewatch_core_update(struct gatewatch_core *core, int64_t session,
                          const struct gatewatch_session_config *config, int64_t now);
int gatewatch_core_status(struct gatewatch_core *core, int64_t session,
                          struct gatewatch_session_status *status, size_t size);

/* How a packet came in. All of it is the agent's word: a TTL that is made up is a hole. */
struct gatewatch_arrival {
    uint32_t size;
    uint32_t interface_index;
    /* When it arrived, by the kernel's stamp, turned into the clock of `now`; not after `now`. */
    int64_t received_at;
    struct gatewatch_address source, destination;
    /* GATEWATCH_SINGLE_HOP for port 3784, GATEWATCH_MULTIHOP for port 4784. */
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
