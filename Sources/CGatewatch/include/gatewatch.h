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
 * Headers      This one has managed and driven; gatewatch_core.h has pure, and is included by those
 *              who want it. What a session is stands in gatewatch_session.h, which both include.
 * Results      0 or more is success. -1 to -4095 is an errno of the kernel, negated; what is below
 *              is a GATEWATCH_ERROR_.... gatewatch_error_text knows both.
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

#include "gatewatch_session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gatewatch;
enum { GATEWATCH_MANAGED = 0, GATEWATCH_DRIVEN = 1 };

/* How to run. gatewatch_config_defaults comes first, and all of it may stay as it is.
 *
 * Of what the engine in Swift has, this leaves out what is for daemons: moving to another
 * namespace, handing over to another process, and copies of packets. */
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
    /* Managed: how many threads share the sessions by the peer's address, 1 to 16, on processors
     * from `processor` on; 0 unless set: 1, which serves thousands. Echo needs 1. */
    uint32_t thread_count;
    /* Managed: how many microseconds before a deadline a thread wakes up and waits awake, to 1000;
     * 0 unless set. It buys what the kernel is late by with processor time. */
    uint32_t spin_us;
    /* Managed: how many microseconds the processors of the node may take to wake up from sleep; 0
     * unless set: what the node allows. -1: they may not sleep. */
    int32_t processor_latency_us;
    uint32_t reserved;
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
 * see GATEWATCH_EVENT_REMOVED. Managed: any thread; it waits for nothing, and the engine's thread
 * follows soon, or else it is GATEWATCH_ERROR_BUSY and nothing has changed. Driven: one thread. */
int gatewatch_remove(struct gatewatch *handle, int64_t session);

/* Disables (`down` not 0) or enables a session (RFC 5880 6.8.16). Threads as gatewatch_remove. */
int gatewatch_set_admin_down(struct gatewatch *handle, int64_t session, int down);

/* Has a session go on with what `config` says, without a flap (RFC 5880 6.8.3); but for path, tag,
 * admin_down, discriminators, start_delay_ns, follows_link and keys, which are ignored. A session
 * that a peer has started is GATEWATCH_ERROR_MODE. Threads as gatewatch_remove. */
int gatewatch_update(struct gatewatch *handle, int64_t session,
                     const struct gatewatch_session_config *config);

/* Has a session authenticate otherwise from now on, or not at all with NULL (RFC 5880 6.7). Keys of
 * the same type replace each other while the session is Up; for another type the peer has to change
 * within its detection time, too. A session that a peer has started is GATEWATCH_ERROR_MODE.
 * Threads as gatewatch_remove. */
int gatewatch_set_keys(struct gatewatch *handle, int64_t session,
                       const struct gatewatch_keys *keys);

/* Tells a session one of the GATEWATCH_SIGNAL_...; `value` is 0 where it needs none. Managed: any
 * thread, and it waits for an answer. Driven: one thread. */
int gatewatch_signal(struct gatewatch *handle, int64_t session, int signal, int64_t value);

/* How a session stands. `size` is sizeof *status. Managed: any thread, and it waits for an answer.
 * Driven: one thread. */
int gatewatch_status(struct gatewatch *handle, int64_t session,
                     struct gatewatch_session_status *status, size_t size);

/* The session with the least number above `after`; 0 when there is none. So all sessions are found,
 * those included whose GATEWATCH_EVENT_CREATED was lost. Threads as gatewatch_status. */
int64_t gatewatch_next_session(struct gatewatch *handle, int64_t after);

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

/* Unsolicited: peers that may start sessions with us, by sending (RFC 9468): over one hop, from the
 * subnet of the link they come by. GATEWATCH_EVENT_CREATED tells of each. Zeros are defaults. */
struct gatewatch_unsolicited {
    uint32_t size;
    /* How many sessions there may be at a time; 0: 256. */
    uint32_t maximum_sessions;
    /* The interface they come by; NULL: any. */
    const char *interface_name;
    /* What they have to authenticate with; NULL: nothing. `transmit_sequence` is not looked at. */
    const struct gatewatch_keys *keys;
    /* Their addresses; the narrowest prefix of an interface counts before those of any. */
    struct gatewatch_address prefix;
    uint8_t prefix_length;
    /* 1 shuts these out of what others let in. */
    uint8_t is_refused;
    /* As in gatewatch_session_config; 0: 3 and 300000. */
    uint8_t detect_multiplier;
    uint32_t desired_min_tx_us;
    uint32_t required_min_rx_us;
    uint32_t reserved;
};

/* Lets these peers start sessions and no others from now on; nobody with `count` 0, 256 at most.
 * Sessions of those who may no longer are removed, all others stay. `size` is sizeof *peers.
 * Managed: any thread; it waits for nothing, as gatewatch_remove. Driven: one thread; interfaces
 * and their subnets are those of the moment, so call again when these have changed. */
int gatewatch_set_unsolicited(struct gatewatch *handle, const struct gatewatch_unsolicited *peers,
                              size_t count, size_t size);

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

#ifdef __cplusplus
}
#endif

#endif
