#define _GNU_SOURCE
#include "names.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define LOAD_OCTET(at) BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (at))
#define LOAD_WORD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (bits))
#define JUMP(kind, value, yes, no) BPF_JUMP(BPF_JMP | (kind) | BPF_K, (value), (yes), (no))

// Runs on the UDP payload. Each check jumps to instruction 26, "invalid", when it fails. What a
// packet says gives its role, what its source address ends with the thread.
int gw_steer(int descriptor, int is_ipv6, int minimum_hop_limit, int thread_count) {
    uint32_t hop_limit_at = (uint32_t)(SKF_NET_OFF + (is_ipv6 ? 7 : 8));
    uint32_t source_end_at = (uint32_t)(SKF_NET_OFF + (is_ipv6 ? 23 : 15));
    struct sock_filter program[] = {
        /* 0 */ BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
        /* 1 */ JUMP(BPF_JGE, 24, 0, 24),
        /* 2 */ BPF_STMT(BPF_MISC | BPF_TAX, 0),
        /* 3 */ LOAD_OCTET(3),
        /* 4 */ BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 21, 0),
        /* 5 */ JUMP(BPF_JGE, 24, 0, 20),
        /* 6 */ LOAD_OCTET(0),
        /* 7 */ MASK(0xe0),
        /* 8 */ JUMP(BPF_JEQ, 0x20, 0, 17),
        /* 9 */ LOAD_OCTET(2),
        /* 10 */ JUMP(BPF_JEQ, 0, 15, 0),
        /* 11 */ LOAD_WORD(4),
        /* 12 */ JUMP(BPF_JEQ, 0, 13, 0),
        /* 13 */ LOAD_OCTET(hop_limit_at),
        /* 14 */ JUMP(BPF_JGE, (uint32_t)minimum_hop_limit, 0, 11),
        /* 15 */ LOAD_OCTET(1),
        /* 16 */ JUMP(BPF_JSET, 0x01, 9, 0),
        /* 17 */ MASK(0xf0),
        /* 18 */ JUMP(BPF_JEQ, 0xc0, 5, 0),
        /* 19 */ JUMP(BPF_JGE, 0x80, 0, 2),
        /* 20 */ LOAD_WORD(8),
        /* 21 */ JUMP(BPF_JEQ, 0, 4, 0),
        /* 22 */ BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, GW_URGENT),
        /* 23 */ BPF_STMT(BPF_JMP | BPF_JA, 5),
        /* 24 */ LOAD_WORD(8),
        /* 25 */ JUMP(BPF_JEQ, 0, 0, 2),
        /* 26 */ BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, GW_INVALID),
        /* 27 */ BPF_STMT(BPF_JMP | BPF_JA, 1),
        /* 28 */ BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, GW_ROUTINE),
        /* 29 */ LOAD_OCTET(source_end_at),
        /* 30 */ BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, (uint32_t)thread_count),
        /* 31 */ BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, GW_ROLES),
        /* 32 */ BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
        /* 33 */ BPF_STMT(BPF_RET | BPF_A, 0),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    int result = setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter,
                            sizeof filter);
    return result < 0 ? -errno : 0;
}

int gw_share_port(int descriptor) {
    int yes = 1;
    return setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) < 0 ? -errno : 0;
}

int gw_connect(int descriptor, const struct gw_address *address, uint16_t port,
               uint32_t interface_index) {
    struct sockaddr_storage name;
    socklen_t length = gw_make_name(&name, address, port, interface_index);
    return connect(descriptor, (struct sockaddr *)&name, length) < 0 ? -errno : 0;
}

int gw_send_connected(int descriptor, const void *bytes, size_t byte_count) {
    ssize_t sent = send(descriptor, bytes, byte_count, MSG_DONTWAIT | MSG_NOSIGNAL);
    // What the last packet met with, a port that nobody listens on, is told instead of sending.
    if (sent < 0 && errno == ECONNREFUSED) {
        sent = send(descriptor, bytes, byte_count, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    return sent < 0 ? -errno : (int)sent;
}

int64_t gw_receive_drops(int descriptor) {
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof values;
    int result = getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, values, &length);
    return result < 0 ? -errno : (int64_t)values[SK_MEMINFO_DROPS];
}

int gw_receive_buffer(int descriptor) {
    int value = 0;
    socklen_t length = sizeof value;
    int result = getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &value, &length);
    return result < 0 ? -errno : value;
}
