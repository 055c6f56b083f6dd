#include "measure.h"

void deadlinesInit(struct deadlines *queue, int count, int64_t initially) {
    queue->count = count;
    queue->heap = allocateZeroed((size_t)count, sizeof *queue->heap);
    queue->place = allocateZeroed((size_t)count, sizeof *queue->place);
    queue->at = allocateZeroed((size_t)count, sizeof *queue->at);
    for (int session = 0; session < count; session++) {
        queue->heap[session] = session;
        queue->place[session] = session;
        queue->at[session] = initially;
    }
}

static void put(struct deadlines *queue, int place, int session) {
    queue->heap[place] = session;
    queue->place[session] = place;
}

void deadlinesSet(struct deadlines *queue, int session, int64_t at) {
    int place = queue->place[session];
    queue->at[session] = at;
    while (place > 0) {
        int parent = (place - 1) / 2;
        if (queue->at[queue->heap[parent]] <= at) break;
        put(queue, place, queue->heap[parent]);
        place = parent;
    }
    for (;;) {
        int child = 2 * place + 1;
        if (child >= queue->count) break;
        if (child + 1 < queue->count
            && queue->at[queue->heap[child + 1]] < queue->at[queue->heap[child]]) {
            child++;
        }
        if (queue->at[queue->heap[child]] >= at) break;
        put(queue, place, queue->heap[child]);
        place = child;
    }
    put(queue, place, session);
}
