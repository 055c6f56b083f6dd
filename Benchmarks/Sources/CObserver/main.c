#include "observer.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t isStopped;

static void stop(int signal) {
    (void)signal;
    isStopped = 1;
}

static const int64_t drainInterval = nanosecondsPerMillisecond;
// A sleep so short costs more than it saves.
static const int64_t shortestSleep = 30 * nanosecondsPerMicrosecond;

static void step(struct observer *observer, int64_t until) {
    bool isLooking = observer->options.routesNamespace && routesAreExpected(observer);
    if (observer->options.routesNamespace) routesDrain(observer);
    linkDrain(observer);
    int64_t now = monotonicNow();
    int most = isLooking ? 1 : 64;
    for (int sent = 0; sent < most && deadlinesNext(&observer->deadlines) <= now; sent++) {
        sessionTransmit(observer, deadlinesFirst(&observer->deadlines));
    }
    if (observer->measuring && observer->options.silences) silenceChoose(observer, now);
    int64_t next = deadlinesNext(&observer->deadlines);
    if (observer->options.junkRate && observer->measuring) {
        junkSend(observer, monotonicNow());
        int64_t batch = 32LL * nanosecondsPerSecond / observer->options.junkRate;
        if (now + batch < next) next = now + batch;
    }
    if (now + drainInterval < next) next = now + drainInterval;
    if (until < next) next = until;
    // What was sent just now may be what is waited for.
    if (observer->options.routesNamespace && routesAreExpected(observer)) return;
    if (next > monotonicNow() + shortestSleep) sleepUntil(next);
}

static void runFor(struct observer *observer, int64_t duration) {
    int64_t until = monotonicNow() + duration, checked = 0;
    int64_t wanted = (int64_t)observer->options.silences
        * (observer->options.silenceAll ? observer->options.sessions : 1);
    while (!isStopped && monotonicNow() < until) {
        step(observer, until);
        if (!observer->measuring || wanted == 0) continue;
        if (observer->silencesDone >= wanted) return;
        int64_t now = monotonicNow();
        if (now - checked < 100LL * nanosecondsPerMillisecond) continue;
        silenceExpire(observer, now);
        checked = now;
    }
}

static void event(const struct observer *observer, const char *name) {
    printf("{\"event\":\"%s\",\"up\":%d,\"sessions\":%d,\"all_up_seconds\":%.4f"
           ",\"flaps\":%lld}\n",
           name, observer->up, observer->options.sessions,
           (double)observer->allUpAfter / nanosecondsPerSecond,
           (long long)observer->total.flaps);
    fflush(stdout);
}

static void bringUp(struct observer *observer) {
    int64_t limit = monotonicNow() + observer->options.upTimeout;
    while (!isStopped && observer->up < observer->options.sessions && monotonicNow() < limit) {
        runFor(observer, 20LL * nanosecondsPerMillisecond);
    }
}

static void measure(struct observer *observer) {
    int64_t duration = observer->options.duration, tick = 10LL * nanosecondsPerSecond;
    struct counters start = observer->total;
    struct usage before = usageOf(observer->options.pid, observer->options.subjectCore);
    int64_t started = monotonicNow();
    observer->measuring = true;
    while (!isStopped && monotonicNow() - started < duration) {
        int64_t left = duration - (monotonicNow() - started);
        runFor(observer, left < tick ? left : tick);
        if (left > tick) event(observer, "progress");
        int64_t wanted = (int64_t)observer->options.silences
            * (observer->options.silenceAll ? observer->options.sessions : 1);
        if (wanted && observer->silencesDone >= wanted) break;
    }
    observer->measuring = false;
    int64_t elapsed = monotonicNow() - started;
    struct usage after = usageOf(observer->options.pid, observer->options.subjectCore);
    linkDrain(observer);
    reportResult(observer, &before, &after, elapsed, &start);
}

int main(int count, char **arguments) {
    static struct observer observer;
    parseOptions(&observer.options, count, arguments);
    observer.random = observer.options.seed;
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    linkOpen(&observer);
    if (observer.options.routesNamespace) routesOpen(&observer);
    claimCore(observer.options.core, observer.options.priority);
    observer.startedReal = realtimeNow();
    sessionsInit(&observer);
    bringUp(&observer);
    event(&observer, observer.up == observer.options.sessions ? "up" : "timeout");
    runFor(&observer, observer.options.settle);
    event(&observer, "start");
    measure(&observer);
    return 0;
}
