#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

union gw_right {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static int send_once(int socket, const char *text, int passed) {
    struct iovec vector = {.iov_base = (void *)text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    union gw_right right;
    if (passed >= 0) {
        memset(&right, 0, sizeof right);
        message.msg_control = right.bytes;
        message.msg_controllen = sizeof right.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed, sizeof passed);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

int gw_notify(const char *path, const char *text, int passed, int milliseconds) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length < 2 || length >= sizeof name.sun_path) return -EINVAL;
    memcpy(name.sun_path, path, length);
    // An abstract name begins with a zero octet, which is written as @.
    if (path[0] == '@') name.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    // Only of a connected socket can be said when there is room.
    int result = connect(descriptor, (struct sockaddr *)&name, size) < 0 ? -errno : 0;
    if (result == 0) result = send_once(descriptor, text, passed);
    if (result == -EAGAIN && milliseconds > 0) {
        struct pollfd watched = {.fd = descriptor, .events = POLLOUT};
        struct timespec begin, now;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        int ready, left = milliseconds;
        while ((ready = poll(&watched, 1, left)) < 0 && errno == EINTR) {
            clock_gettime(CLOCK_MONOTONIC, &now);
            long long spent = (now.tv_sec - begin.tv_sec) * 1000LL
                              + (now.tv_nsec - begin.tv_nsec) / 1000000;
            left = spent < milliseconds ? milliseconds - (int)spent : 0;
        }
        if (ready > 0) result = send_once(descriptor, text, passed);
    }
    close(descriptor);
    return result;
}
