#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

union gw_rights {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int) * GW_RIGHTS_MAXIMUM)];
};

int gw_memory_file(const char *name) {
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

static int wait_for(int descriptor, short events, int milliseconds) {
    struct pollfd watched = {.fd = descriptor, .events = events};
    int count;
    do {
        count = poll(&watched, 1, milliseconds);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    return count == 0 ? -ETIMEDOUT : 0;
}

int gw_send_descriptors(int stream, const int *descriptors, int count, int milliseconds) {
    if (count < 1 || count > GW_RIGHTS_MAXIMUM) return -EINVAL;
    union gw_rights rights;
    memset(&rights, 0, sizeof rights);
    char octet = 0;
    struct iovec vector = {.iov_base = &octet, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = rights.bytes,
        .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)count);
    for (;;) {
        if (sendmsg(stream, &message, MSG_NOSIGNAL) == 1) return 0;
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return -errno;
        int result = wait_for(stream, POLLOUT, milliseconds);
        if (result < 0) return result;
    }
}

int gw_receive_descriptors(int stream, int *descriptors, int capacity, int milliseconds) {
    union gw_rights rights;
    char octet;
    struct iovec vector = {.iov_base = &octet, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = rights.bytes,
        .msg_controllen = sizeof rights.bytes};
    int result = wait_for(stream, POLLIN, milliseconds);
    if (result < 0) return result;
    ssize_t size;
    do {
        size = recvmsg(stream, &message, MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0) return -errno;
    if (size == 0) return -ECONNRESET;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) return -EPROTO;
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    int received[GW_RIGHTS_MAXIMUM];
    memcpy(received, CMSG_DATA(header), sizeof(int) * (size_t)count);
    if (count > capacity || message.msg_flags & MSG_CTRUNC) {
        for (int index = 0; index < count; index++) close(received[index]);
        return -EMSGSIZE;
    }
    memcpy(descriptors, received, sizeof(int) * (size_t)count);
    return count;
}
