// What ThreadSanitizer does not see, because Swift's own libraries were not compiled for it, done
// where it does.

#include <sched.h>
#include <sanitizer/tsan_interface.h>
#include <stdatomic.h>
#include <stdint.h>

// A Mutex that is taken: the library's own way waits in the kernel, whose hand-over of the lock
// leaves no trace. This one waits awake, and its exchange is the one that everybody sees.
__attribute__((swiftcall)) void wait_for_lock(
    uint32_t thread, __attribute__((swift_context)) _Atomic uint32_t *lock)
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");

__attribute__((swiftcall)) void wait_for_lock(
    uint32_t thread, __attribute__((swift_context)) _Atomic uint32_t *lock) {
    uint32_t nobody = 0;
    while (!atomic_compare_exchange_weak_explicit(
        lock, &nobody, thread, memory_order_acquire, memory_order_relaxed)) {
        nobody = 0;
        sched_yield();
    }
}

// The last reference that is given up frees an object, after all that others did before they gave
// up theirs: what the counter orders, it orders unseen.
extern void (*_swift_release)(void *object);
static void (*release_unseen)(void *object);

static void release(void *object) {
    if ((intptr_t)object > 0) {
        __tsan_release(object);
        __tsan_acquire(object);
    }
    release_unseen(object);
}

__attribute__((constructor)) static void make_visible(void) {
    release_unseen = _swift_release;
    _swift_release = release;
}
