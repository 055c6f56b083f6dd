#include "CAllocationCounter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

// The C library's own, under the names it has for those who replace it.
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

enum { thread_capacity = 256 };

struct thread_count {
    uint64_t thread;
    uint64_t allocations;
};

static struct thread_count private_counts[thread_capacity];
static struct thread_count *counts = private_counts;
static atomic_uint thread_count;
#define THREAD_LOCAL static __thread __attribute__((tls_model("initial-exec")))

THREAD_LOCAL struct thread_count *mine;

// Runs before the program: what has been counted by then does not matter.
__attribute__((constructor)) static void open_file(void) {
    const char *path = getenv("GATEWATCH_ALLOCATIONS");
    if (!path) return;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof private_counts) < 0) return;
    void *shared =
        mmap(NULL, sizeof private_counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared == MAP_FAILED) return;
    mine = NULL;
    atomic_store(&thread_count, 0);
    counts = shared;
}

static void count(void) {
    if (!mine) {
        unsigned place = atomic_fetch_add(&thread_count, 1);
        // The last place is shared by all threads that come too late for one of their own.
        mine = &counts[place < thread_capacity ? place : thread_capacity - 1];
        mine->thread = (uint64_t)syscall(SYS_gettid);
    }
    mine->allocations++;
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count();
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count();
    void *made = __libc_memalign(alignment, size);
    if (!made) return ENOMEM;
    *memory = made;
    return 0;
}

THREAD_LOCAL uint64_t before;

void counter_start(void) {
    count();
    before = mine->allocations;
    CALLGRIND_TOGGLE_COLLECT;
}

uint64_t counter_stop(void) {
    CALLGRIND_TOGGLE_COLLECT;
    return mine->allocations - before;
}
