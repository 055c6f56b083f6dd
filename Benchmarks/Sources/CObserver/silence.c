// Falling silent: from the last packet a session sends until the subject's first Down on the wire.
#include "observer.h"

static int64_t detectionTime(const struct options *options) {
    return options->interval * options->multiplier;
}

static bool isReady(const struct session *session, int64_t stamp) {
    return session->state == stateUp && session->subjectState == stateUp && !session->silent
        && !session->silenceNext && stamp > session->restUntil && !session->awaitsOut
        && !session->awaitsBack;
}

static int64_t wanted(const struct observer *observer) {
    const struct options *options = &observer->options;
    return options->silenceAll ? (int64_t)options->silences * options->sessions
                               : options->silences;
}

static void chooseAll(struct observer *observer, int64_t stamp) {
    const struct options *options = &observer->options;
    for (int index = 0; index < options->sessions; index++) {
        if (!isReady(&observer->sessions[index], stamp)) return;
    }
    for (int index = 0; index < options->sessions; index++) {
        observer->sessions[index].silenceNext = true;
    }
    observer->silenced = options->sessions;
}

void silenceChoose(struct observer *observer, int64_t now) {
    (void)now;
    const struct options *options = &observer->options;
    int64_t stamp = realtimeNow();
    if (observer->silencesDone + observer->silenced >= wanted(observer)) return;
    if (options->silenceAll) {
        if (observer->silenced == 0) chooseAll(observer, stamp);
        return;
    }
    for (int tries = 0; tries < 4 && observer->silenced < options->together; tries++) {
        uint64_t chosen = randomNext(&observer->random) % (uint64_t)options->sessions;
        struct session *session = &observer->sessions[chosen];
        if (!isReady(session, stamp)) continue;
        session->silenceNext = true;
        observer->silenced++;
    }
}

static void resume(struct observer *observer, struct session *session) {
    session->silent = false;
    session->lastSent = 0;
    session->state = stateDown;
    observer->silenced--;
    observer->silencesDone++;
    int index = (int)(session - observer->sessions);
    int64_t soon = jittered(20LL * nanosecondsPerMillisecond, &observer->random);
    deadlinesSet(&observer->deadlines, index, monotonicNow() + soon);
}

void silenceEnd(struct observer *observer, struct session *session, int64_t stamp) {
    int64_t silence = stamp - session->silentSince;
    sampleAdd(&observer->overshoot, silence - detectionTime(&observer->options));
    routesDown(observer, session, stamp);
    resume(observer, session);
}

void silenceExpire(struct observer *observer, int64_t now) {
    (void)now;
    if (observer->silenced == 0) return;
    int64_t limit = detectionTime(&observer->options) + 5LL * nanosecondsPerSecond;
    int64_t stamp = realtimeNow();
    for (int index = 0; index < observer->options.sessions; index++) {
        struct session *session = &observer->sessions[index];
        if (!session->silent || stamp - session->silentSince < limit) continue;
        observer->missed++;
        resume(observer, session);
    }
}
