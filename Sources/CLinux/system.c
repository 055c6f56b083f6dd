#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

int gw_read_setting(const char *path) {
    char text[16] = {0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    ssize_t count = read(descriptor, text, sizeof text - 1);
    int result = count < 0 ? -errno : atoi(text);
    close(descriptor);
    return result;
}

int gw_timerfd_create(void) {
    int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int gw_timerfd_set(int descriptor, int64_t nanoseconds) {
    struct itimerspec setting = {0};
    setting.it_value.tv_sec = nanoseconds / 1000000000;
    setting.it_value.tv_nsec = nanoseconds % 1000000000;
    return timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &setting, NULL) < 0 ? -errno : 0;
}

int gw_eventfd_create(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

void gw_counter_acknowledge(int descriptor) {
    uint64_t count;
    // Nothing to do about a failure: a counter that cannot be read was not signalled.
    ssize_t ignored = read(descriptor, &count, sizeof count);
    (void)ignored;
}

void gw_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    // EAGAIN means that 2^64 - 2 signals are waiting: the reader is woken anyway.
    ssize_t ignored = write(descriptor, &one, sizeof one);
    (void)ignored;
}

int64_t gw_clock_nanoseconds(int clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int gw_enter_network_namespace(int descriptor) {
    return setns(descriptor, CLONE_NEWNET) < 0 ? -errno : 0;
}

int gw_unshare_network_namespace(void) { return unshare(CLONE_NEWNET) < 0 ? -errno : 0; }

int gw_namespace_type(int descriptor) {
    int type = ioctl(descriptor, NS_GET_NSTYPE);
    return type < 0 ? -errno : type;
}

int gw_open_path(const char *path) {
    int descriptor = open(path, O_PATH | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int gw_clone_newnet(void) { return CLONE_NEWNET; }

int64_t gw_file_system_magic(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) < 0) return -errno;
    return (int64_t)status.f_type;
}

int64_t gw_nsfs_magic(void) { return NSFS_MAGIC; }

uint64_t gw_network_namespace_inode(void) {
    struct stat status;
    return stat("/proc/thread-self/ns/net", &status) == 0 ? status.st_ino : 0;
}

int gw_mount_bind(const char *source, const char *target) {
    return mount(source, target, "none", MS_BIND, NULL) < 0 ? -errno : 0;
}

int gw_make_shared_mount(const char *path) {
    return mount("", path, "none", MS_SHARED | MS_REC, NULL) < 0 ? -errno : 0;
}

int gw_unmount(const char *target) { return umount2(target, MNT_DETACH) < 0 ? -errno : 0; }

int gw_inotify_create(void) {
    int descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int gw_inotify_watch(int descriptor, const char *directory, bool contents) {
    uint32_t names = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
    if (contents) names |= IN_CLOSE_WRITE | IN_ATTRIB;
    return inotify_add_watch(descriptor, directory, names) < 0 ? -errno : 0;
}

void gw_inotify_acknowledge(int descriptor) {
    char events[4096];
    while (read(descriptor, events, sizeof events) > 0) {
    }
}

int gw_set_real_time_priority(int priority) {
    // Threads that this one starts have work that can wait: they do not inherit its priority. Who
    // has no right to have one may not take that back either, but may go back to none with it.
    struct sched_param parameter = {.sched_priority = priority};
    int policy = priority > 0 ? SCHED_FIFO : SCHED_OTHER;
    return sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &parameter) == 0 ? 0 : -errno;
}

int gw_set_affinity(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (processor < 0) {
        // The kernel leaves out those that the process may not use.
        memset(&set, 0xff, sizeof set);
    } else {
        CPU_SET(processor, &set);
    }
    return -pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static atomic_bool is_memory_locked;
/// Who lets go of locked memory locks it again: nobody unlocks it meanwhile.
static pthread_mutex_t memory_lock = PTHREAD_MUTEX_INITIALIZER;

int gw_set_niceness(int niceness) {
    return setpriority(PRIO_PROCESS, 0, niceness) < 0 ? -errno : 0;
}

static int lock_memory(void) {
    // Under a limit the lock may succeed, and a later allocation end the process.
    if (!gw_may_lock_all_memory()) return -EPERM;
    // On fault: otherwise every thread's whole stack would be brought in at once.
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0) return -errno;
    atomic_store(&is_memory_locked, true);
    return 0;
}

int gw_lock_memory(void) {
    pthread_mutex_lock(&memory_lock);
    int result = lock_memory();
    pthread_mutex_unlock(&memory_lock);
    return result;
}

int gw_unlock_memory(void) {
    pthread_mutex_lock(&memory_lock);
    int result = munlockall() < 0 ? -errno : 0;
    if (result == 0) atomic_store(&is_memory_locked, false);
    pthread_mutex_unlock(&memory_lock);
    return result;
}

int gw_descriptor_limits(uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

int gw_set_descriptor_limit(uint64_t soft) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = soft;
    return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

int gw_check_memory(uint64_t byte_count) {
    void *block =
        mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return -errno;
    return munmap(block, byte_count) < 0 ? -errno : 0;
}

void gw_release_memory(void) {
    // Locked pages do not go back to the kernel, in use or not.
    pthread_mutex_lock(&memory_lock);
    bool is_locked = atomic_load(&is_memory_locked);
    if (is_locked) munlockall();
    malloc_trim(0);
    if (is_locked) lock_memory();
    pthread_mutex_unlock(&memory_lock);
}

static int forget_code(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int number = 0; number < object->dlpi_phnum; number++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[number];
        // What can be written may have been: it is not in the file any more.
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + part->p_vaddr + part->p_memsz;
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void gw_release_code(void) {
    pthread_mutex_lock(&memory_lock);
    bool is_locked = atomic_load(&is_memory_locked);
    if (is_locked) munlockall();
    dl_iterate_phdr(forget_code, NULL);
    if (is_locked) lock_memory();
    pthread_mutex_unlock(&memory_lock);
}

void gw_separate_large_memory(void) { mallopt(M_MMAP_THRESHOLD, 128 << 10); }

int gw_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0) < 0 ? -errno : 0;
}

int gw_set_thread_name(const char *name) { return -pthread_setname_np(pthread_self(), name); }

const char *gw_errno_text(int number) { return strerrordesc_np(number); }
