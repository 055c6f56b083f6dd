#include "floor.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

static volatile sig_atomic_t isStopped;

static void stop(int signal) {
    (void)signal;
    isStopped = 1;
}

static void arm(struct floorLoop *loop, int64_t at) {
    if (at < 1) at = 1;  // Zero would disarm.
    struct itimerspec setting = { .it_value = {
        .tv_sec = at / nanosecondsPerSecond, .tv_nsec = at % nanosecondsPerSecond,
    } };
    timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &setting, NULL);
}

static void sendDue(struct floorLoop *loop) {
    const struct options *options = &loop->options;
    int64_t slack = (int64_t)((double)options->interval * options->slack / 100);
    int chosen[batchSize], count;
    do {
        int64_t now = monotonicNow();
        for (count = 0; count < batchSize; count++) {
            int first = deadlinesFirst(&loop->deadlines);
            int64_t at = loop->deadlines.at[first];
            bool isEarly = at > now && (at > now + slack || loop->sessions[first].earliest > now);
            if (isEarly) break;
            loop->sessions[first].earliest = now + options->interval * 3 / 4;
            deadlinesSet(&loop->deadlines, first, now + jittered(options->interval, &loop->random));
            chosen[count] = first;
        }
        if (count) sendBatch(loop, chosen, count);
    } while (count == batchSize);
}

static void run(struct floorLoop *loop) {
    int events = epoll_create1(0);
    struct epoll_event timer = { .events = EPOLLIN, .data.fd = loop->timer };
    struct epoll_event receiver = { .events = EPOLLIN, .data.fd = loop->receiver };
    epoll_ctl(events, EPOLL_CTL_ADD, loop->timer, &timer);
    bool isTicking = loop->options.tick > 0;
    if (!isTicking) epoll_ctl(events, EPOLL_CTL_ADD, loop->receiver, &receiver);
    int64_t armed = 0;
    while (!isStopped) {
        int64_t next = deadlinesNext(&loop->deadlines);
        int64_t tick = monotonicNow() + loop->options.tick;
        if (isTicking && tick < next) next = tick;
        if (next != armed) arm(loop, armed = next);
        struct epoll_event ready[2];
        int count = epoll_wait(events, ready, 2, -1);
        bool mustReceive = isTicking;
        for (int index = 0; index < count; index++) {
            uint64_t expirations;
            if (ready[index].data.fd == loop->receiver) mustReceive = true;
            else if (read(loop->timer, &expirations, sizeof expirations) < 0) continue;
        }
        if (mustReceive) receiveAll(loop);
        sendDue(loop);
    }
}

int main(int count, char **arguments) {
    static struct floorLoop loop;
    parseOptions(&loop.options, count, arguments);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    claimCore(loop.options.core, loop.options.priority);
    loop.random = (uint64_t)realtimeNow();
    sendersOpen(&loop);
    receiverOpen(&loop);
    loop.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    if (loop.timer < 0) fail("timerfd_create");
    deadlinesInit(&loop.deadlines, loop.options.sessions, monotonicNow());
    run(&loop);
    return 0;
}
