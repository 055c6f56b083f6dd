#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD 29

#define LOAD(width, mode, at) BPF_STMT(BPF_LD | (width) | (mode), (at))
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define GO_ON(steps) BPF_STMT(BPF_JMP | BPF_JA, (steps))
#define TAKE(octets) BPF_STMT(BPF_RET | BPF_K, (octets))

// The filter of a watch, on what begins with an IP header: UDP to the ports of BFD from one of the
// sources (of IPv6 their last four octets), and ICMP "destination unreachable" of both families.
// The reader compares the rest.
static int attach_filter(int descriptor, const uint32_t *sources, int count) {
    uint32_t protocol_at = (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL);
    struct sock_filter program[HEAD + GW_WATCH_SOURCES + 2] = {
        /* 0 */ LOAD(BPF_H, BPF_ABS, protocol_at),
        /* 1 */ IF_EQUAL(ETH_P_IP, 2, 0),
        /* 2 */ IF_EQUAL(ETH_P_IPV6, 11, 0),
        /* 3 */ TAKE(0),
        /* 4: IPv4 */ LOAD(BPF_W, BPF_ABS, 12),
        /* 5 */ BPF_STMT(BPF_ST, 0),
        /* 6 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        /* 7 */ LOAD(BPF_B, BPF_ABS, 9),
        /* 8 */ IF_EQUAL(IPPROTO_UDP, 3, 0),
        /* 9 */ IF_EQUAL(IPPROTO_ICMP, 0, 16),
        /* 10 */ LOAD(BPF_B, BPF_IND, 0),
        /* 11 */ IF_EQUAL(3, 15, 14),
        /* 12 */ LOAD(BPF_H, BPF_IND, 2),
        /* 13 */ GO_ON(8),
        /* 14: IPv6 */ LOAD(BPF_W, BPF_ABS, 20),
        /* 15 */ BPF_STMT(BPF_ST, 0),
        /* 16 */ LOAD(BPF_B, BPF_ABS, 6),
        /* 17 */ IF_EQUAL(IPPROTO_UDP, 3, 0),
        /* 18 */ IF_EQUAL(IPPROTO_ICMPV6, 0, 7),
        /* 19 */ LOAD(BPF_B, BPF_ABS, 40),
        /* 20 */ IF_EQUAL(1, 6, 5),
        /* 21 */ LOAD(BPF_H, BPF_ABS, 42),
        /* 22: 3784, 3785 or 4784 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfffe),
        /* 23 */ IF_EQUAL(3784, 1, 0),
        /* 24 */ IF_EQUAL(4784, 0, 1),
        /* 25 */ GO_ON(2),
        /* 26 */ TAKE(0),
        /* 27 */ TAKE(GW_WATCH_OCTETS),
        /* 28 */ LOAD(BPF_W, BPF_MEM, 0),
    };
    for (int index = 0; index < count; index += 1) {
        program[HEAD + index] =
            (struct sock_filter)IF_EQUAL(sources[index], (uint8_t)(count - index), 0);
    }
    program[HEAD + count] = (struct sock_filter)TAKE(count == 0 ? GW_WATCH_OCTETS : 0);
    program[HEAD + count + 1] = (struct sock_filter)TAKE(GW_WATCH_OCTETS);
    struct sock_fprog filter = {.len = (unsigned short)(HEAD + count + 2), .filter = program};
    int result = setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
    return result < 0 ? -errno : 0;
}

int gw_watch_open(const uint32_t *sources, int count) {
    if (count < 0 || count > GW_WATCH_SOURCES) return -EINVAL;
    // Of no protocol until the filter is there: nothing else gets in.
    int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    int result = attach_filter(descriptor, sources, count);
    if (result == 0) {
        int enabled = 1;
        // Older kernels show what leaves, too; the reader does not count it.
        setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &enabled, sizeof enabled);
        struct sockaddr_ll any = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
        result = bind(descriptor, (struct sockaddr *)&any, sizeof any) < 0 ? -errno : 0;
    }
    if (result < 0) {
        close(descriptor);
        return result;
    }
    return descriptor;
}

int gw_watch_read(int descriptor, void *bytes, size_t byte_capacity, int *is_outgoing,
                  uint32_t *interface_index) {
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(descriptor, bytes, byte_capacity, MSG_DONTWAIT,
                             (struct sockaddr *)&from, &length);
    if (count < 0) return -errno;
    *is_outgoing = from.sll_pkttype == PACKET_OUTGOING;
    *interface_index = (uint32_t)from.sll_ifindex;
    return (int)count;
}
