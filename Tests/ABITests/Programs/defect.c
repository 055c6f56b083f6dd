// What a sanitizer has to find: a use of freed memory, and two threads that write at once.

#include <pthread.h>

#include "check.h"

static volatile int shared;

static void *write_it(void *context) {
    shared = *(int *)context;
    return NULL;
}

int main(void) {
    pthread_t threads[2];
    int *number = malloc(sizeof *number);
    *number = 1;
    for (int place = 0; place < 2; place++)
        CHECK(pthread_create(&threads[place], NULL, write_it, number) == 0);
    for (int place = 0; place < 2; place++) CHECK(pthread_join(threads[place], NULL) == 0);
    free(number);
    return *(volatile int *)number < 0;
}
