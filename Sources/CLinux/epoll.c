#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <sys/epoll.h>

int gw_epoll_create(void) {
    int descriptor = epoll_create1(EPOLL_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int gw_epoll_sleep(int descriptor, int milliseconds) {
    struct epoll_event event;
    return epoll_wait(descriptor, &event, 1, milliseconds) < 0 ? -errno : 0;
}

int gw_epoll_insert(int descriptor, int member, bool is_for_writing) {
    struct epoll_event event = {.events = is_for_writing ? EPOLLOUT : EPOLLIN};
    return epoll_ctl(descriptor, EPOLL_CTL_ADD, member, &event) < 0 ? -errno : 0;
}

int gw_epoll_remove(int descriptor, int member) {
    struct epoll_event event = {0};
    return epoll_ctl(descriptor, EPOLL_CTL_DEL, member, &event) < 0 ? -errno : 0;
}
