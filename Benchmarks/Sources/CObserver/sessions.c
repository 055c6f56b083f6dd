#include "observer.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

// While a session is not Up it is asked again so often: slower than the interval, faster than the
// second of RFC 5880 §6.8.3, so that one lost packet does not decide how long all Up takes.
static const int64_t retryInterval = 300LL * nanosecondsPerMillisecond;

static void ownHardware(const struct observer *observer, uint8_t hardware[6]) {
    struct ifreq request = { 0 };
    strncpy(request.ifr_name, observer->options.interface, IFNAMSIZ - 1);
    if (ioctl(observer->socket, SIOCGIFHWADDR, &request)) fail("SIOCGIFHWADDR");
    memcpy(hardware, request.ifr_hwaddr.sa_data, 6);
}

void sessionsInit(struct observer *observer) {
    const struct options *options = &observer->options;
    uint32_t interval = htonl((uint32_t)(options->interval / nanosecondsPerMicrosecond));
    uint8_t hardware[6];
    ownHardware(observer, hardware);
    observer->sessions = allocateZeroed((size_t)options->sessions, sizeof *observer->sessions);
    int64_t now = monotonicNow();
    deadlinesInit(&observer->deadlines, options->sessions, now);
    for (int index = 0; index < options->sessions; index++) {
        struct session *session = &observer->sessions[index];
        frameInit(&session->frame, hardware, options->subjectHardware,
                  options->firstAddress + (uint32_t)index, options->subjectAddress);
        struct bfdPacket *packet = &session->frame.bfd;
        packet->versionAndDiagnostic = 1 << 5;
        packet->multiplier = (uint8_t)options->multiplier;
        packet->length = bfdBytes;
        packet->myDiscriminator = htonl((uint32_t)index + 1);
        packet->desiredMinTx = interval;
        packet->requiredMinRx = interval;
        session->state = stateDown;
        session->subjectState = stateDown;
        deadlinesSet(&observer->deadlines, index, now + index * options->ramp);
    }
}

static void transmit(struct observer *observer, struct session *session, int flags) {
    struct bfdPacket *packet = &session->frame.bfd;
    packet->stateAndFlags = (uint8_t)(session->state << 6 | flags);
    packet->yourDiscriminator = session->subjectDiscriminator;
    frameSeal(&session->frame, bfdBytes);
    if (session->silenceNext) {
        session->silenceNext = false;
        session->silent = true;
        session->silentSince = realtimeNow();
        if (observer->options.routesNamespace) routesSilent(session, session->silentSince);
    }
    if (observer->options.routesNamespace && session->subjectState != stateUp
        && session->state != stateDown) {
        session->raisedAt = realtimeNow();
        session->awaitsBack = true;
    }
    linkSend(observer, &session->frame, frameBytes);
    observer->total.sent++;
}

// How late the observer itself is: a subject is not to be blamed for that.
static void measureOwn(struct observer *observer, const struct session *session,
                       int64_t deadline, int64_t now) {
    if (deadline > 0) sampleAdd(&observer->lateness, now - deadline);
    if (session->lastSent && now - session->lastSent > observer->longestOwnGap) {
        observer->longestOwnGap = now - session->lastSent;
    }
}

void sessionTransmit(struct observer *observer, int index) {
    struct session *session = &observer->sessions[index];
    int64_t now = monotonicNow();
    if (session->silent) {
        deadlinesSet(&observer->deadlines, index, INT64_MAX);
        return;
    }
    if (observer->measuring) measureOwn(observer, session, observer->deadlines.at[index], now);
    transmit(observer, session, 0);
    session->lastSent = session->state == stateUp ? now : 0;
    int64_t interval = session->state == stateDown ? retryInterval : observer->options.interval;
    deadlinesSet(&observer->deadlines, index,
                 session->silent ? INT64_MAX : now + jittered(interval, &observer->random));
}

// RFC 5880 §6.8.6, without a detection timer: a peer that goes on talking whatever happens.
static void follow(struct session *session, int subjectState) {
    if (subjectState == stateAdminDown) {
        session->state = stateDown;
    } else if (session->state == stateDown) {
        if (subjectState == stateDown) session->state = stateInit;
        if (subjectState == stateInit) session->state = stateUp;
    } else if (session->state == stateInit) {
        if (subjectState == stateInit || subjectState == stateUp) session->state = stateUp;
    } else if (subjectState == stateDown) {
        session->state = stateDown;
    }
}

static void subjectChanged(struct observer *observer, struct session *session, int subjectState,
                           int diagnostic, int64_t stamp) {
    if (subjectState == stateUp) {
        session->upSince = stamp;
        session->everUp = true;
        session->restUntil = stamp + observer->options.rest
            + (int64_t)(randomNext(&observer->random) % (uint64_t)observer->options.rest);
        observer->up++;
        int64_t after = stamp - observer->startedReal;
        if (observer->up == observer->options.sessions && !observer->allUpAfter) {
            observer->allUpAfter = after;
        }
        if (observer->up * 2 >= observer->options.sessions && !observer->halfUpAfter) {
            observer->halfUpAfter = after;
        }
    } else if (session->subjectState == stateUp) {
        observer->up--;
        if (session->silent) {
            silenceEnd(observer, session, stamp);
        } else {
            observer->total.flaps++;
            observer->total.diagnostics[diagnostic]++;
        }
    }
    session->subjectState = (uint8_t)subjectState;
    session->previousStamp = 0;
}

static void measureGap(struct observer *observer, struct session *session,
                       const struct bfdPacket *packet, int64_t stamp) {
    observer->total.periodic++;
    uint32_t desired = ntohl(packet->desiredMinTx);
    bool settled = stamp - session->upSince > observer->options.settle;
    if (session->previousStamp && observer->measuring && settled
        && desired == session->subjectInterval) {
        int64_t interval = (int64_t)desired * nanosecondsPerMicrosecond;
        if (interval < observer->options.interval) interval = observer->options.interval;
        gapRecord(&observer->gaps, stamp - session->previousStamp, interval);
    }
    session->subjectInterval = desired;
    session->previousStamp = stamp;
}

void sessionReceive(struct observer *observer, const struct frame *frame, int64_t stamp) {
    uint32_t index = ntohl(frame->destination) - observer->options.firstAddress;
    if (index >= (uint32_t)observer->options.sessions) {
        observer->total.strange++;
        return;
    }
    struct session *session = &observer->sessions[index];
    const struct bfdPacket *packet = &frame->bfd;
    int subjectState = packet->stateAndFlags >> 6, flags = packet->stateAndFlags & 0x3F;
    bool wasSilent = session->silent;
    observer->total.received++;
    session->subjectDiscriminator = packet->myDiscriminator;
    if (subjectState != session->subjectState) {
        int diagnostic = packet->versionAndDiagnostic & 0x1F;
        subjectChanged(observer, session, subjectState, diagnostic, stamp);
    }
    uint8_t before = session->state;
    if (!wasSilent) follow(session, subjectState);
    if (flags & flagFinal) observer->total.finals++;
    else if (subjectState == stateUp) measureGap(observer, session, packet, stamp);
    if (flags & flagPoll) observer->total.polls++;
    // The dead do not answer the Down that their silence has brought about.
    if (wasSilent) return;
    if (session->state != before) {
        deadlinesSet(&observer->deadlines, (int)index, 0);
        sessionTransmit(observer, (int)index);
    }
    if (flags & flagPoll) transmit(observer, session, flagFinal);
}
