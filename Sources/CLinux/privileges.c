#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel keeps capabilities by thread, in two words of 32 each.
static int get_words(struct __user_cap_data_struct words[2]) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    return syscall(SYS_capget, &header, words) < 0 ? -errno : 0;
}

int gw_capabilities(uint64_t *permitted, uint64_t *effective) {
    struct __user_cap_data_struct words[2] = {0};
    int result = get_words(words);
    if (result < 0) return result;
    *permitted = words[0].permitted | (uint64_t)words[1].permitted << 32;
    *effective = words[0].effective | (uint64_t)words[1].effective << 32;
    return 0;
}

int gw_set_capabilities(uint64_t permitted, uint64_t effective) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct words[2] = {
        {.permitted = (uint32_t)permitted, .effective = (uint32_t)effective},
        {.permitted = (uint32_t)(permitted >> 32), .effective = (uint32_t)(effective >> 32)},
    };
    return syscall(SYS_capset, &header, words) < 0 ? -errno : 0;
}

int gw_limit_capabilities(uint64_t kept) {
    int result = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ? -errno : 0;
    for (int number = 0; prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++) {
        if (number < 64 && (kept >> number & 1)) continue;
        if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 0) continue;
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0 && result == 0) result = -errno;
    }
    return result;
}

int gw_renounce_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int gw_has_renounced_new_privileges(void) {
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

int gw_unlimit_locked_memory(void) {
    struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    return setrlimit(RLIMIT_MEMLOCK, &none) < 0 ? -errno : 0;
}

int gw_unlimit_real_time_priority(void) {
    struct rlimit most = {.rlim_cur = 99, .rlim_max = 99};
    return setrlimit(RLIMIT_RTPRIO, &most) < 0 ? -errno : 0;
}

int gw_is_locked_memory_unlimited(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
}

int gw_may_lock_all_memory(void) {
    if (gw_is_locked_memory_unlimited()) return 1;
    uint64_t permitted = 0;
    uint64_t effective = 0;
    if (gw_capabilities(&permitted, &effective) < 0) return 0;
    return (effective >> CAP_IPC_LOCK & 1) != 0;
}
