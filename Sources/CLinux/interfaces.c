#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static uint8_t count_bits(const uint8_t *octets, int count) {
    uint8_t bits = 0;
    for (int index = 0; index < count; index += 1) {
        bits += (uint8_t)__builtin_popcount(octets[index]);
    }
    return bits;
}

static int read_subnet(const struct ifaddrs *entry, struct gw_interface_subnet *subnet) {
    if (entry->ifa_addr == NULL || entry->ifa_netmask == NULL) return 0;
    int is_link_to_one = (entry->ifa_flags & IFF_POINTOPOINT) != 0 && entry->ifa_dstaddr != NULL;
    const struct sockaddr *address = is_link_to_one ? entry->ifa_dstaddr : entry->ifa_addr;
    memset(subnet, 0, sizeof *subnet);
    subnet->interface_index = if_nametoindex(entry->ifa_name);
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *mask = (const struct sockaddr_in *)entry->ifa_netmask;
        memcpy(subnet->address.octets, &((const struct sockaddr_in *)address)->sin_addr, 4);
        subnet->bit_count = count_bits((const uint8_t *)&mask->sin_addr, 4);
        return 1;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *mask = (const struct sockaddr_in6 *)entry->ifa_netmask;
        memcpy(subnet->address.octets, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
        subnet->address.is_ipv6 = 1;
        subnet->bit_count = count_bits((const uint8_t *)&mask->sin6_addr, 16);
        return 1;
    }
    return 0;
}

int gw_interface_subnets(struct gw_interface_subnet *subnets, int capacity) {
    struct ifaddrs *all;
    if (getifaddrs(&all) < 0) return -errno;
    int count = 0;
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        struct gw_interface_subnet subnet;
        if (!read_subnet(entry, &subnet)) continue;
        if (count < capacity) subnets[count] = subnet;
        count += 1;
    }
    freeifaddrs(all);
    return count;
}

int gw_read_interface_state(const char *name, struct gw_interface_state *state) {
    struct ifreq request = {0};
    if (strlen(name) >= sizeof request.ifr_name) return -ENODEV;
    strcpy(request.ifr_name, name);
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int result = -1;
    if (ioctl(descriptor, SIOCGIFFLAGS, &request) == 0) {
        state->flags = (uint16_t)request.ifr_flags;
        if (ioctl(descriptor, SIOCGIFMTU, &request) == 0) {
            state->mtu = request.ifr_mtu;
            result = ioctl(descriptor, SIOCGIFHWADDR, &request);
        }
    }
    result = result < 0 ? -errno : 0;
    memcpy(state->hardware_address, request.ifr_hwaddr.sa_data, 6);
    close(descriptor);
    return result;
}

int gw_interface_index(const char *name) {
    if (strlen(name) >= IFNAMSIZ) return 0;
    // Any socket answers; if_nametoindex does not tell why it had none.
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    int result = ioctl(descriptor, SIOCGIFINDEX, &request) < 0 ? -errno : request.ifr_ifindex;
    close(descriptor);
    return result == -ENODEV ? 0 : result;
}

int gw_interface_name(uint32_t interface_index, char *name) {
    return if_indextoname(interface_index, name) == NULL ? -errno : 0;
}
