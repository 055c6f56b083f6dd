/*
 * gatewatch_session.h - what a session is; the same in all three ways of gatewatch.h.
 *
 * Included by gatewatch.h and by gatewatch_core.h.
 */
#ifndef GATEWATCH_SESSION_H
#define GATEWATCH_SESSION_H

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
    /* The function is not for a handle of this mode, or not for a session that a peer started. */
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
    GATEWATCH_ERROR_OTHER = -5013,
    /* Managed: a thread has not come to what it was asked before. Nothing has changed: try later,
     * or after gatewatch_status, which waits for it. */
    GATEWATCH_ERROR_BUSY = -5014,
    /* The keys cannot be: of no known type, none or over eight, an id twice, or a secret that is
     * empty or too long for the type. */
    GATEWATCH_ERROR_KEYS = -5015,
    /* The session is not in a state for this. */
    GATEWATCH_ERROR_STATE = -5016
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

/* Authentication: a type for all packets of a session, both ways, and one to eight keys.
 * Numbered as Auth Type is (RFC 5880 4.1). Meticulous: a sequence number for every packet. */
enum {
    GATEWATCH_AUTH_SIMPLE_PASSWORD = 1,
    GATEWATCH_AUTH_KEYED_MD5 = 2, GATEWATCH_AUTH_METICULOUS_KEYED_MD5 = 3,
    GATEWATCH_AUTH_KEYED_SHA1 = 4, GATEWATCH_AUTH_METICULOUS_KEYED_SHA1 = 5
};

/* A key. Zeros are the defaults: a moment of 0 is no limit. */
struct gatewatch_key {
    /* Any octets: 1 to 16, with SHA1 to 20. Copied before a function returns, which leaves the
     * caller's own to the caller; the copy is overwritten when it is not needed any more. */
    const void *secret;
    uint32_t secret_size;
    /* Auth Key ID. */
    uint8_t id;
    uint8_t reserved[3];
    /* From when on it is accepted, and until just before when. */
    int64_t accepted_from, accepted_until;
    /* The same for sending: of several that may be sent, it is the one whose time began last. */
    int64_t sent_from, sent_until;
};

struct gatewatch_keys {
    uint32_t size;
    uint32_t type;
    const struct gatewatch_key *keys;
    uint32_t key_count;
    /* The last sequence number of a previous run, see gatewatch_session_status: ours go on after
     * it where the session has not authenticated before. 0 draws one. */
    uint32_t transmit_sequence;
};

/* States, as numbered in packets (RFC 5880 4.1). */
enum {
    GATEWATCH_STATE_ADMIN_DOWN = 0, GATEWATCH_STATE_DOWN = 1,
    GATEWATCH_STATE_INIT = 2, GATEWATCH_STATE_UP = 3
};

enum {
    /* UDP port 3784 and TTL 255 (RFC 5881), or UDP port 4784 (RFC 5883). */
    GATEWATCH_SINGLE_HOP = 0, GATEWATCH_MULTIHOP = 1,
    /* UDP port 6784, on one member link of a group (RFC 7130). */
    GATEWATCH_MICRO_BFD = 2,
    /* Our own packets, sent back by a peer that has no BFD (RFC 9747); not pure, and active. It
     * needs a source and CAP_NET_RAW. */
    GATEWATCH_UNAFFILIATED_ECHO = 3
};

/* What has a default of its own: one that follows from the transport, yes, no. */
enum { GATEWATCH_USUAL = 0, GATEWATCH_YES = 1, GATEWATCH_NO = 2 };

/* A session to keep. gatewatch_session_defaults comes first; `destination` has to be set.
 *
 * Of what the engine in Swift has, this leaves out: the client's own liveness, which is
 * `on_admin_down` of a route here; and sessions handed over from or left by another process, which
 * are for daemons. Swift's names of peers are numbers and tags here. */
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
    /* 1 for Demand mode: the peer sends nothing periodically while both are Up, and no silence is
     * a failure but that after a Poll: see GATEWATCH_SIGNAL_VERIFY (RFC 5880 6.6). 0 unless set. */
    uint8_t demand;
    /* Whether packets with our discriminator must come from the peer's address, too. Usually not
     * over several hops (RFC 5880 6.3 as written), and yes over one. */
    uint8_t strict_source;
    /* Whether to slow down when path or machine are overloaded (RFC 5880 7). Usually over several
     * hops only. */
    uint8_t adapts_to_congestion;
    /* 1 to know a peer that says Down to a discriminator of our previous run by its addresses
     * instead, as OVN needs; 0 unless set (RFC 5880 6.8.6 as written). */
    uint8_t accepts_stale_discriminator;
    /* Managed: 1 has the session Down for as long as its interface is (RFC 5880 6.8.16); 0 unless
     * set. Else ignored: see GATEWATCH_SIGNAL_PATH_DOWN. */
    uint8_t follows_link;
    /* The size of the IP packets, which are filled up to it (RFC 9764); 0 unless set: as small as
     * they are. Pure: ignored. */
    uint16_t pdu_size;
    /* bfd.DesiredMinTxInterval and bfd.RequiredMinRxInterval, 1 to 4294967295 microseconds; 300000
     * unless set. Before a session is Up it sends once a second at most (RFC 5880 6.8.3). */
    uint32_t desired_min_tx_us;
    uint32_t required_min_rx_us;
    /* The discriminator a previous run had, if it is free; 0 draws one. Peers that remember it
     * come up sooner. */
    uint32_t local_discriminator;
    /* The peer's, where it is known beforehand (RFC 5883 4.2); 0 unless set. */
    uint32_t remote_discriminator;
    /* Echo (RFC 5880 6.4), over one hop: how often to send packets that the peer sends back, for
     * silence of which the session fails, too. 0 unless set: never. Needs CAP_NET_RAW, and what
     * GATEWATCH_EVENT_WARNING names. Pure: 0, for only raw sockets send them. */
    uint32_t desired_min_echo_tx_us;
    /* How often the peer may send such packets, which the kernel sends back; 0 unless set. */
    uint32_t required_min_echo_rx_us;
    /* How long a new session neither speaks nor listens (RFC 5882 4.3); 0 unless set. */
    int64_t start_delay_ns;
    /* Managed: how long a failure must last for routes to follow (RFC 5882 3.1); 0 unless set.
     * Events tell of it at once. Else ignored. */
    int64_t hold_time_ns;
    /* What to authenticate with from the first packet on; NULL unless set: nothing. */
    const struct gatewatch_keys *keys;
    /* Where Echo packets say they come from; family 0 unless set: `source`. Pure: ignored. */
    struct gatewatch_address echo_source;
    uint8_t reserved[7];
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
    /* Why most of those were discarded: a word that is valid for ever, such as "auth_mismatch";
     * NULL when none was. */
    const char *discard_reason;
    /* Echo packets: sent, and come back. */
    uint64_t echoes_sent, echoes_returned;
    /* How often Echo packets leave now; 0 for never. */
    uint32_t echo_interval_us;
    /* The last number sent with a digest, for gatewatch_keys of a later run. */
    uint32_t transmit_sequence;
    /* The interface that the session is bound to. */
    uint32_t interface_index;
    struct gatewatch_address destination, source;
    uint8_t transport;
    /* The type of authentication. */
    uint8_t authentication;
    /* 1 for a session that a peer has started (RFC 9468). */
    uint8_t is_unsolicited;
    /* 1 while we have the peer send nothing periodically (RFC 5880 6.6). */
    uint8_t is_in_demand_mode;
    uint8_t reserved[6];
};

enum {
    GATEWATCH_EVENT_STATE = 1,
    /* A removed session has told its peer, and is gone. So is one that a peer had started, once
     * that has been silent for long. */
    GATEWATCH_EVENT_REMOVED = 2,
    /* A route changed or could not be changed: `text` says which and why. */
    GATEWATCH_EVENT_ROUTE = 3,
    /* Something works less well than asked for; `text` says what, once. */
    GATEWATCH_EVENT_WARNING = 4,
    /* `count` events could not be kept, because nobody took them: gatewatch_status tells what
     * they came to, and gatewatch_next_session of which sessions. */
    GATEWATCH_EVENT_LOST = 5,
    /* A peer has started a session (RFC 9468), which has this number from now on. `text` is its
     * address, and where that is not enough its interface: "fe80::1%eth0". */
    GATEWATCH_EVENT_CREATED = 6
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

/* What the world outside BFD tells a session, or asks of it; some have a value. */
enum {
    /* Prove by a Poll Sequence that the peer is there (RFC 5880 6.6). */
    GATEWATCH_SIGNAL_VERIFY = 1,
    /* Our forwarding state was lost (RFC 5880 6.8.15). */
    GATEWATCH_SIGNAL_FORWARDING_PLANE_RESET = 2,
    /* Something else knows that the path is down, or up again (RFC 5880 6.8.16). */
    GATEWATCH_SIGNAL_PATH_DOWN = 3, GATEWATCH_SIGNAL_PATH_UP = 4,
    /* A path beyond this one is down, seen in our direction or in the other, or up again: the peer
     * is told without leaving Up (RFC 5880 6.8.17). GATEWATCH_ERROR_STATE where it is not Up. */
    GATEWATCH_SIGNAL_CONCATENATED_PATH_DOWN = 5,
    GATEWATCH_SIGNAL_REVERSE_CONCATENATED_PATH_DOWN = 6,
    GATEWATCH_SIGNAL_CONCATENATED_PATH_UP = 7,
    /* Both intervals are at least `value` microseconds, before a planned restart (RFC 5882 4.3), or
     * the configured ones again. */
    GATEWATCH_SIGNAL_LENGTHEN_INTERVALS = 8, GATEWATCH_SIGNAL_RESTORE_INTERVALS = 9,
    /* Stay Down (RFC 5880 6.8.18) until GATEWATCH_SIGNAL_RELEASE. `value` microseconds stand in for
     * required_min_rx_us: 0 silences the peer, -1 is as configured. */
    GATEWATCH_SIGNAL_HOLD = 10, GATEWATCH_SIGNAL_RELEASE = 11,
    /* Go Down, tell the peer the diagnostic `value`, 0 to 31, and stay there until _RELEASE. */
    GATEWATCH_SIGNAL_FORCE_DOWN = 12
};

#ifdef __cplusplus
}
#endif

#endif
