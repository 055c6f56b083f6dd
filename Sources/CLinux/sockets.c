#define _GNU_SOURCE
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_BYTES 256

struct gw_receive_batch {
    uint32_t count;
    uint32_t byte_capacity;
    /// How many the last read has filled.
    uint32_t used;
    struct mmsghdr *messages;
    struct iovec *vectors;
    struct sockaddr_storage *names;
    struct gw_arrival *arrivals;
    uint8_t *controls;
    uint8_t *bytes;
};

struct gw_receive_batch *gw_receive_batch_create(uint32_t count, uint32_t byte_capacity) {
    struct gw_receive_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) return NULL;
    batch->count = count;
    batch->byte_capacity = byte_capacity;
    batch->used = count;
    batch->messages = calloc(count, sizeof *batch->messages);
    batch->vectors = calloc(count, sizeof *batch->vectors);
    batch->names = calloc(count, sizeof *batch->names);
    batch->arrivals = calloc(count, sizeof *batch->arrivals);
    batch->controls = calloc(count, CONTROL_BYTES);
    batch->bytes = calloc(count, byte_capacity);
    if (batch->messages == NULL || batch->vectors == NULL || batch->names == NULL ||
        batch->arrivals == NULL || batch->controls == NULL || batch->bytes == NULL) {
        gw_receive_batch_destroy(batch);
        return NULL;
    }
    for (uint32_t index = 0; index < count; index += 1) {
        batch->vectors[index].iov_base = batch->bytes + (size_t)index * byte_capacity;
        batch->vectors[index].iov_len = byte_capacity;
        struct msghdr *header = &batch->messages[index].msg_hdr;
        header->msg_iov = &batch->vectors[index];
        header->msg_iovlen = 1;
        header->msg_name = &batch->names[index];
        header->msg_control = batch->controls + (size_t)index * CONTROL_BYTES;
    }
    return batch;
}

void gw_receive_batch_destroy(struct gw_receive_batch *batch) {
    if (batch == NULL) return;
    free(batch->messages);
    free(batch->vectors);
    free(batch->names);
    free(batch->arrivals);
    free(batch->controls);
    free(batch->bytes);
    free(batch);
}

static void read_name(const struct sockaddr_storage *name, struct gw_arrival *arrival) {
    if (name->ss_family == AF_INET) {
        const struct sockaddr_in *from = (const struct sockaddr_in *)name;
        memcpy(arrival->source.octets, &from->sin_addr, 4);
        arrival->source_port = ntohs(from->sin_port);
    } else if (name->ss_family == AF_INET6) {
        const struct sockaddr_in6 *from = (const struct sockaddr_in6 *)name;
        memcpy(arrival->source.octets, &from->sin6_addr, 16);
        arrival->source.is_ipv6 = 1;
        arrival->source_port = ntohs(from->sin6_port);
    }
}

static void read_control(const struct cmsghdr *control, struct gw_arrival *arrival) {
    const void *data = CMSG_DATA(control);
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec stamp;
        memcpy(&stamp, data, sizeof stamp);
        arrival->realtime_nanoseconds = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
    } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TTL) {
        int value;
        memcpy(&value, data, sizeof value);
        arrival->hop_limit = (int16_t)value;
    } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, data, sizeof info);
        memcpy(arrival->destination.octets, &info.ipi_addr, 4);
        arrival->interface_index = (uint32_t)info.ipi_ifindex;
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_HOPLIMIT) {
        int value;
        memcpy(&value, data, sizeof value);
        arrival->hop_limit = (int16_t)value;
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, data, sizeof info);
        memcpy(arrival->destination.octets, &info.ipi6_addr, 16);
        arrival->destination.is_ipv6 = 1;
        arrival->interface_index = info.ipi6_ifindex;
    }
}

int gw_receive_batch_read(struct gw_receive_batch *batch, int descriptor) {
    for (uint32_t index = 0; index < batch->used; index += 1) {
        struct msghdr *header = &batch->messages[index].msg_hdr;
        header->msg_namelen = sizeof *batch->names;
        header->msg_controllen = CONTROL_BYTES;
        header->msg_flags = 0;
    }
    int flags = MSG_DONTWAIT | MSG_TRUNC;
    int received = recvmmsg(descriptor, batch->messages, batch->count, flags, NULL);
    batch->used = received < 0 ? 0 : (uint32_t)received;
    if (received < 0) return -errno;
    for (int index = 0; index < received; index += 1) {
        struct msghdr *header = &batch->messages[index].msg_hdr;
        struct gw_arrival *arrival = &batch->arrivals[index];
        memset(arrival, 0, sizeof *arrival);
        arrival->hop_limit = -1;
        uint32_t sent = batch->messages[index].msg_len;
        arrival->sent_byte_count = sent;
        arrival->byte_count = sent < batch->byte_capacity ? sent : batch->byte_capacity;
        read_name(&batch->names[index], arrival);
        for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL;
             control = CMSG_NXTHDR(header, control)) {
            read_control(control, arrival);
        }
    }
    return received;
}

const struct gw_arrival *gw_receive_batch_arrival(const struct gw_receive_batch *batch,
                                                  uint32_t index) {
    return &batch->arrivals[index];
}

const uint8_t *gw_receive_batch_bytes(const struct gw_receive_batch *batch, uint32_t index) {
    return batch->bytes + (size_t)index * batch->byte_capacity;
}

static int set_option(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

int gw_udp_socket(int is_ipv6) {
    int family = is_ipv6 ? AF_INET6 : AF_INET;
    int descriptor = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
    if (descriptor < 0) return -errno;
    int level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int result = set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    if (result == 0) {
        result = set_option(descriptor, level, is_ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1);
    }
    if (result == 0) {
        result = set_option(descriptor, level, is_ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
    }
    if (result == 0 && is_ipv6) result = set_option(descriptor, level, IPV6_V6ONLY, 1);
    // Never fragmented, here or on the way. Sizes learned from ICMP are not heeded: whether
    // the path takes a packet shows by the packet itself.
    if (result == 0) {
        result = is_ipv6 ? set_option(descriptor, level, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)
                         : set_option(descriptor, level, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    }
    if (result == 0 && is_ipv6) result = set_option(descriptor, level, IPV6_DONTFRAG, 1);
    if (result < 0) {
        close(descriptor);
        return result;
    }
    return descriptor;
}

socklen_t gw_make_name(struct sockaddr_storage *name, const struct gw_address *address,
                       uint16_t port, uint32_t interface_index) {
    memset(name, 0, sizeof *name);
    if (address->is_ipv6) {
        struct sockaddr_in6 *to = (struct sockaddr_in6 *)name;
        to->sin6_family = AF_INET6;
        to->sin6_port = htons(port);
        memcpy(&to->sin6_addr, address->octets, 16);
        int is_link_local = address->octets[0] == 0xfe && (address->octets[1] & 0xc0) == 0x80;
        to->sin6_scope_id = is_link_local ? interface_index : 0;
        return sizeof *to;
    }
    struct sockaddr_in *to = (struct sockaddr_in *)name;
    to->sin_family = AF_INET;
    to->sin_port = htons(port);
    memcpy(&to->sin_addr, address->octets, 4);
    return sizeof *to;
}

int gw_bind(int descriptor, const struct gw_address *address, uint16_t port,
            uint32_t interface_index) {
    struct sockaddr_storage name;
    socklen_t length = gw_make_name(&name, address, port, interface_index);
    return bind(descriptor, (struct sockaddr *)&name, length) < 0 ? -errno : 0;
}

int gw_raw_socket(int is_ipv6) {
    // IPPROTO_RAW implies IP_HDRINCL, and its like for IPv6.
    int descriptor = socket(is_ipv6 ? AF_INET6 : AF_INET,
                            SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
    if (descriptor < 0) return -errno;
    int result = set_option(descriptor, SOL_SOCKET, SO_PRIORITY, 6);
    if (result < 0) {
        close(descriptor);
        return result;
    }
    return descriptor;
}

int gw_bind_to_device(int descriptor, const char *name) {
    int result = setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name));
    return result < 0 ? -errno : 0;
}

int gw_set_transmit_options(int descriptor, int is_ipv6, int hop_limit, int traffic_class,
                            int priority) {
    int level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int result = set_option(descriptor, level, is_ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, hop_limit);
    if (result == 0) {
        result = set_option(descriptor, level, is_ipv6 ? IPV6_TCLASS : IP_TOS, traffic_class);
    }
    // IP_TOS sets SO_PRIORITY from the octet, so the priority comes after it.
    if (result == 0) result = set_option(descriptor, SOL_SOCKET, SO_PRIORITY, priority);
    return result;
}

int gw_set_receive_buffer(int descriptor, int byte_count) {
    int result = set_option(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, byte_count);
    if (result < 0) result = set_option(descriptor, SOL_SOCKET, SO_RCVBUF, byte_count);
    return result;
}

int gw_send(int descriptor, const void *bytes, size_t byte_count,
            const struct gw_address *destination, uint16_t port, uint32_t interface_index) {
    struct sockaddr_storage name;
    socklen_t length = gw_make_name(&name, destination, port, interface_index);
    ssize_t sent = sendto(descriptor, bytes, byte_count, MSG_DONTWAIT | MSG_NOSIGNAL,
                          (struct sockaddr *)&name, length);
    return sent < 0 ? -errno : (int)sent;
}

/// An abstract name begins with a zero octet, which is written as @. The length of the name.
static int make_unix_name(struct sockaddr_un *name, const char *path) {
    memset(name, 0, sizeof *name);
    name->sun_family = AF_UNIX;
    size_t length = strlen(path);
    if (length >= sizeof name->sun_path) return -ENAMETOOLONG;
    strcpy(name->sun_path, path);
    if (path[0] != '@') return sizeof *name;
    name->sun_path[0] = 0;
    return (int)(offsetof(struct sockaddr_un, sun_path) + length);
}

int gw_unix_listen(const char *path, unsigned mode) {
    struct sockaddr_un name;
    int result = make_unix_name(&name, path);
    if (result < 0) return result;
    socklen_t length = (socklen_t)result;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    // The mode of the descriptor becomes the mode of the file that bind makes: never wider, not
    // even for a moment.
    if (fchmod(descriptor, mode) < 0 ||
        bind(descriptor, (struct sockaddr *)&name, length) < 0 ||
        listen(descriptor, SOMAXCONN) < 0) {
        result = -errno;
        close(descriptor);
        return result;
    }
    return descriptor;
}

int gw_unix_connect(const char *path) {
    struct sockaddr_un name;
    int result = make_unix_name(&name, path);
    if (result < 0) return result;
    socklen_t length = (socklen_t)result;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    if (connect(descriptor, (struct sockaddr *)&name, length) < 0) {
        result = -errno;
        close(descriptor);
        return result;
    }
    return descriptor;
}

int gw_accept(int descriptor) {
    int accepted = accept4(descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return accepted < 0 ? -errno : accepted;
}

int gw_peer_uid(int descriptor) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    int result = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
    return result < 0 ? -errno : (int)credentials.uid;
}

int gw_peer_pid(int descriptor) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    int result = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
    return result < 0 ? -errno : (int)credentials.pid;
}

int gw_local_address(int descriptor, struct gw_address *address) {
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    if (getsockname(descriptor, (struct sockaddr *)&name, &size) < 0) return -errno;
    struct gw_arrival own;
    memset(&own, 0, sizeof own);
    read_name(&name, &own);
    *address = own.source;
    return 0;
}
