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

#define LOAD(width, mode, at) BPF_STMT(BPF_LD | (width) | (mode), (at))
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))

// Lets pass what begins with an IP header, carries UDP, and goes to one of BFD's ports.
static int attach_filter(int descriptor) {
    struct sock_filter program[] = {
        /* 0 */ LOAD(BPF_H, BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
        /* 1 */ IF_EQUAL(ETH_P_IP, 0, 5),
        /* 2: IPv4 */ LOAD(BPF_B, BPF_ABS, 9),
        /* 3 */ IF_EQUAL(IPPROTO_UDP, 0, 10),
        /* 4 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        /* 5 */ LOAD(BPF_H, BPF_IND, 2),
        /* 6 */ BPF_STMT(BPF_JMP | BPF_JA, 4),
        /* 7 */ IF_EQUAL(ETH_P_IPV6, 0, 6),
        /* 8: IPv6 */ LOAD(BPF_B, BPF_ABS, 6),
        /* 9 */ IF_EQUAL(IPPROTO_UDP, 0, 4),
        /* 10 */ LOAD(BPF_H, BPF_ABS, 42),
        /* 11 */ IF_EQUAL(3784, 1, 0),
        /* 12 */ IF_EQUAL(4784, 0, 1),
        /* 13 */ BPF_STMT(BPF_RET | BPF_K, 40),
        /* 14 */ BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    int result = setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
    return result < 0 ? -errno : 0;
}

int gw_senders_open(void) {
    // Of no protocol until the filter is there: nothing else gets in.
    int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    int result = attach_filter(descriptor);
    if (result == 0) {
        struct sockaddr_ll any = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
        result = bind(descriptor, (struct sockaddr *)&any, sizeof any) < 0 ? -errno : 0;
    }
    if (result < 0) {
        close(descriptor);
        return result;
    }
    return descriptor;
}

int gw_senders_read(int descriptor, struct gw_address *sender) {
    uint8_t octets[40];
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    memset(sender, 0, sizeof *sender);
    while (1) {
        ssize_t count = recvfrom(descriptor, octets, sizeof octets, MSG_DONTWAIT,
                                 (struct sockaddr *)&from, &length);
        if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
        if (from.sll_pkttype == PACKET_OUTGOING || count < 28) continue;
        sender->is_ipv6 = octets[0] >> 4 == 6;
        if (sender->is_ipv6 && count == 40) memcpy(sender->octets, octets + 8, 16);
        if (!sender->is_ipv6) memcpy(sender->octets, octets + 12, 4);
        return 1;
    }
}
