#define _GNU_SOURCE
#include "names.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int stream_socket(const struct gw_address *address, int flags) {
    int family = address->is_ipv6 ? AF_INET6 : AF_INET;
    int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    return descriptor < 0 ? -errno : descriptor;
}

static int give_up(int descriptor) {
    int result = -errno;
    close(descriptor);
    return result;
}

int gw_tcp_listen(const struct gw_address *address, uint16_t port) {
    int descriptor = stream_socket(address, SOCK_NONBLOCK);
    if (descriptor < 0) return descriptor;
    int on = 1;
    // Connections of a process before, which have yet to be forgotten, do not keep us away.
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (address->is_ipv6 &&
         setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)) {
        return give_up(descriptor);
    }
    struct sockaddr_storage name;
    socklen_t length = gw_make_name(&name, address, port, 0);
    if (bind(descriptor, (struct sockaddr *)&name, length) < 0 ||
        listen(descriptor, SOMAXCONN) < 0) {
        return give_up(descriptor);
    }
    return descriptor;
}

int gw_tcp_connect(const struct gw_address *address, uint16_t port, int milliseconds) {
    int descriptor = stream_socket(address, 0);
    if (descriptor < 0) return descriptor;
    struct timeval span = {milliseconds / 1000, milliseconds % 1000 * 1000};
    struct sockaddr_storage name;
    socklen_t length = gw_make_name(&name, address, port, 0);
    if (setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &span, sizeof span) < 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &span, sizeof span) < 0 ||
        connect(descriptor, (struct sockaddr *)&name, length) < 0) {
        return give_up(descriptor);
    }
    return descriptor;
}

int gw_source_address(const struct gw_address *destination, struct gw_address *source) {
    int descriptor = gw_udp_socket(destination->is_ipv6);
    if (descriptor < 0) return descriptor;
    struct sockaddr_storage name;
    socklen_t length = gw_make_name(&name, destination, 9, 0);
    // Nothing is sent: connecting a UDP socket only looks the way up.
    if (connect(descriptor, (struct sockaddr *)&name, length) < 0) return give_up(descriptor);
    length = sizeof name;
    if (getsockname(descriptor, (struct sockaddr *)&name, &length) < 0) return give_up(descriptor);
    close(descriptor);
    memset(source, 0, sizeof *source);
    source->is_ipv6 = destination->is_ipv6;
    if (destination->is_ipv6) {
        memcpy(source->octets, &((struct sockaddr_in6 *)&name)->sin6_addr, 16);
    } else {
        memcpy(source->octets, &((struct sockaddr_in *)&name)->sin_addr, 4);
    }
    return 0;
}
