#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int gw_adopt_socket(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) < 0 || !S_ISSOCK(status.st_mode)) return 0;
    int flags = fcntl(descriptor, F_GETFD);
    return flags >= 0 && fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) == 0;
}

static int option(int descriptor, int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(descriptor, level, name, &value, &length) < 0 ? -1 : value;
}

static int is_bound(int descriptor, int is_ipv6, uint16_t port) {
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    if (getsockname(descriptor, (struct sockaddr *)&name, &length) < 0) return 0;
    struct gw_address any = {.is_ipv6 = (uint8_t)(is_ipv6 != 0)};
    if (is_ipv6) {
        const struct sockaddr_in6 *own = (const struct sockaddr_in6 *)&name;
        return name.ss_family == AF_INET6 && own->sin6_port == htons(port) &&
               memcmp(&own->sin6_addr, any.octets, 16) == 0;
    }
    const struct sockaddr_in *own = (const struct sockaddr_in *)&name;
    return name.ss_family == AF_INET && own->sin_port == htons(port) &&
           own->sin_addr.s_addr == INADDR_ANY;
}

int gw_is_receiver(int descriptor, int is_ipv6, uint16_t port, int is_sharing) {
    int level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    char device[64];
    socklen_t device_length = sizeof device;
    int is_right =
        option(descriptor, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM &&
        option(descriptor, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP &&
        option(descriptor, SOL_SOCKET, SO_DOMAIN) == (is_ipv6 ? AF_INET6 : AF_INET) &&
        option(descriptor, SOL_SOCKET, SO_REUSEPORT) == (is_sharing != 0) &&
        option(descriptor, SOL_SOCKET, SO_TIMESTAMPNS) == 1 &&
        option(descriptor, level, is_ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL) == 1 &&
        option(descriptor, level, is_ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO) == 1 &&
        (!is_ipv6 || option(descriptor, level, IPV6_V6ONLY) == 1) &&
        getsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, device, &device_length) == 0 &&
        device_length == 0;
    return is_right && is_bound(descriptor, is_ipv6, port) &&
           getpeername(descriptor, (struct sockaddr *)&peer, &length) < 0;
}

int64_t gw_socket_namespace_inode(int descriptor) {
    int space = ioctl(descriptor, SIOCGSKNS);
    if (space < 0) return -errno;
    struct stat status;
    int64_t result = fstat(space, &status) < 0 ? -errno : (int64_t)status.st_ino;
    close(space);
    return result;
}
