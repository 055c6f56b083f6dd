// Speaks scripted BFD for many peers of one system under test, and stamps all that comes back.
//
//     subject (core 0)                       observer (core 1)
//     10.0.0.1  ── veth ───────────────────  10.64.0.1, 10.64.0.2, … one address a session
//
// The observer owns no address and no UDP socket: a packet socket sends whole frames past the
// queueing discipline, and a mapped ring receives them with the kernel's stamp of the moment the
// subject's own transmit call handed them over. It never waits on the ring, so that the subject
// never pays for waking it: it looks at each of its ticks.
#pragma once

#include "measure.h"

struct options {
    const char *interface;
    /// Of the subject, whose routes are watched; nothing is when it is null.
    const char *routesNamespace;
    uint8_t subjectHardware[6];
    uint32_t subjectAddress, firstAddress;
    int sessions;
    int64_t interval;
    int multiplier;
    int core, priority;
    int pid, subjectCore;
    int64_t ramp, upTimeout, settle, duration, rest;
    int silences, together;
    bool silenceAll;
    int64_t junkRate;
    uint64_t seed;
};

struct session {
    struct frame frame;
    uint8_t state, subjectState;
    bool everUp, silent, silenceNext;
    uint32_t subjectDiscriminator, subjectInterval;
    int64_t upSince, previousStamp, silentSince, restUntil, lastSent;
    /// Its next hop is to leave, and to come back; when it fell silent, when the subject's Down and
    /// the kernel's word came, and when the packet left that made the subject Up.
    bool awaitsOut, awaitsBack, isOutSeen;
    int64_t outSince, downStamp, outStamp, raisedAt;
};

enum { ratioBins = 40000, ratioScale = 10000, latenessBins = 100000 };

/// Gaps between consecutive periodic packets of one session, all sessions together.
struct gaps {
    int64_t count, over, overTolerance, under, underTolerance, longest;
    /// By gap / interval in 1/10000; by gap - interval in microseconds, where positive.
    int64_t ratio[ratioBins + 1];
    int64_t lateness[latenessBins + 1];
};

struct samples {
    int64_t *values;
    int count, capacity;
};

struct counters {
    int64_t sent, received, periodic, polls, finals, junk, strange;
    int64_t flaps, remoteFlaps, diagnostics[32];
};

struct observer {
    struct options options;
    struct session *sessions;
    struct deadlines deadlines;
    int socket, routes;
    uint8_t *ring;
    unsigned ringNext;
    int up, silenced;
    uint64_t random;
    bool measuring;
    int64_t startedReal;
    struct counters total;
    struct gaps gaps;
    struct samples overshoot, lateness, out, outAfterDown, back;
    int missed, silencesDone, routesMissed, routesLost, routesUnseen;
    /// When nothing was found last, and the longest time between two looks with a find at its end.
    int64_t routesLooked, routesLongestBlink;
    int64_t ringDrops, longestOwnGap, allUpAfter, halfUpAfter;
};

void parseOptions(struct options *options, int count, char **arguments);

void linkOpen(struct observer *observer);
void linkSend(struct observer *observer, const struct frame *frame, int bytes);
/// Takes all that has come in.
void linkDrain(struct observer *observer);

void sessionsInit(struct observer *observer);
void sessionReceive(struct observer *observer, const struct frame *frame, int64_t stamp);
void sessionTransmit(struct observer *observer, int index);

void gapRecord(struct gaps *gaps, int64_t gap, int64_t interval);
double gapDistance(const struct gaps *gaps);
void sampleAdd(struct samples *samples, int64_t value);

void silenceChoose(struct observer *observer, int64_t now);
void silenceEnd(struct observer *observer, struct session *session, int64_t stamp);
void silenceExpire(struct observer *observer, int64_t now);

void routesOpen(struct observer *observer);
/// Takes all that the kernel has announced.
void routesDrain(struct observer *observer);
/// Whether an announcement may come any moment.
bool routesAreExpected(struct observer *observer);
void routesSilent(struct session *session, int64_t stamp);
void routesDown(struct observer *observer, struct session *session, int64_t stamp);

void junkSend(struct observer *observer, int64_t now);

void reportResult(struct observer *observer, const struct usage *before,
                  const struct usage *after, int64_t elapsed, const struct counters *start);
