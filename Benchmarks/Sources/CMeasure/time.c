#include "measure.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

static int64_t readClock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * nanosecondsPerSecond + now.tv_nsec;
}

int64_t monotonicNow(void) { return readClock(CLOCK_MONOTONIC); }

int64_t realtimeNow(void) { return readClock(CLOCK_REALTIME); }

void sleepUntil(int64_t monotonic) {
    struct timespec at = {
        .tv_sec = monotonic / nanosecondsPerSecond,
        .tv_nsec = monotonic % nanosecondsPerSecond,
    };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

_Noreturn void fail(const char *operation) {
    fprintf(stderr, "%s: %s\n", operation, strerror(errno));
    exit(1);
}

void *allocateZeroed(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) fail("calloc");
    return memory;
}

void claimCore(int core, int priority) {
    if (core >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(core, &set);
        if (sched_setaffinity(0, sizeof set, &set)) fail("sched_setaffinity");
    }
    prctl(PR_SET_TIMERSLACK, 1);
    if (priority <= 0) return;
    struct sched_param parameters = { .sched_priority = priority };
    if (sched_setscheduler(0, SCHED_FIFO, &parameters)) fail("sched_setscheduler");
    mlockall(MCL_CURRENT | MCL_FUTURE);
}

uint64_t randomNext(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

int64_t jittered(int64_t interval, uint64_t *state) {
    int64_t span = interval / 4 + 1;
    return interval - (int64_t)((unsigned __int128)randomNext(state) * (uint64_t)span >> 64);
}
