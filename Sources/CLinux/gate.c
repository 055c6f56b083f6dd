#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

uintptr_t gw_gate_create(void) {
    sem_t *gate = malloc(sizeof *gate);
    if (gate != NULL) sem_init(gate, 0, 0);
    return (uintptr_t)gate;
}

void gw_gate_open(uintptr_t gate) {
    sem_post((sem_t *)gate);
}

int gw_gate_wait(uintptr_t gate, int milliseconds) {
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    int64_t nanoseconds = limit.tv_nsec + (int64_t)milliseconds * 1000000;
    limit.tv_sec += nanoseconds / 1000000000;
    limit.tv_nsec = nanoseconds % 1000000000;
    int result;
    do {
        result = sem_clockwait((sem_t *)gate, CLOCK_MONOTONIC, &limit);
    } while (result < 0 && errno == EINTR);
    if (result < 0) return 0;
    // It stays open for whoever comes next.
    sem_post((sem_t *)gate);
    return 1;
}

void gw_gate_free(uintptr_t gate) {
    sem_destroy((sem_t *)gate);
    free((sem_t *)gate);
}
