// The candidates for sending: how much each costs a packet is what the daemon's choice rests on.
#include "floor.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int datagramSocket(uint32_t own, uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (descriptor < 0) fail("socket");
    int hops = 255, class = 0xC0, bytes = 4 << 20;
    setsockopt(descriptor, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
    setsockopt(descriptor, IPPROTO_IP, IP_TOS, &class, sizeof class);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(own),
        .sin_port = htons(port),
    };
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address)) fail("bind");
    return descriptor;
}

static void connectEach(struct floorLoop *loop) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit)) fail("setrlimit");
    for (int index = 0; index < loop->options.sessions; index++) {
        struct session *session = &loop->sessions[index];
        session->socket = datagramSocket(loop->options.ownAddress, (uint16_t)(49152 + index));
        if (connect(session->socket, (struct sockaddr *)&session->address,
                    sizeof session->address)) fail("connect");
    }
}

static int packetSocket(const char *interface) {
    int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
    if (descriptor < 0) fail("packet socket");
    int on = 1, bytes = 4 << 20;
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_ifindex = (int)if_nametoindex(interface),
    };
    if (setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on)
        || setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes)
        || bind(descriptor, (struct sockaddr *)&address, sizeof address)) fail("packet socket");
    return descriptor;
}

static void prepareFrames(struct floorLoop *loop) {
    uint8_t hardware[6] = { 0 };
    if (loop->options.interface) {
        struct ifreq request = { 0 };
        strncpy(request.ifr_name, loop->options.interface, IFNAMSIZ - 1);
        int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
        if (ioctl(descriptor, SIOCGIFHWADDR, &request)) fail("SIOCGIFHWADDR");
        close(descriptor);
        memcpy(hardware, request.ifr_hwaddr.sa_data, 6);
    }
    uint32_t interval = htonl((uint32_t)(loop->options.interval / nanosecondsPerMicrosecond));
    for (int index = 0; index < loop->options.sessions; index++) {
        struct session *session = &loop->sessions[index];
        uint32_t peer = loop->options.firstAddress + (uint32_t)index;
        frameInit(&session->frame, hardware, loop->options.peerHardware,
                  loop->options.ownAddress, peer);
        session->frame.bfd = (struct bfdPacket){
            .versionAndDiagnostic = 1 << 5, .stateAndFlags = stateInit << 6,
            .multiplier = (uint8_t)loop->options.multiplier, .length = bfdBytes,
            .myDiscriminator = htonl((uint32_t)index + 1),
            .yourDiscriminator = htonl((uint32_t)index + 1),
            .desiredMinTx = interval, .requiredMinRx = interval,
        };
        frameSeal(&session->frame, bfdBytes);
        session->address = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_addr.s_addr = htonl(peer), .sin_port = htons(controlPort),
        };
    }
}

void sendersOpen(struct floorLoop *loop) {
    loop->sessions = allocateZeroed((size_t)loop->options.sessions, sizeof *loop->sessions);
    prepareFrames(loop);
    int hops = 4 << 20;
    switch (loop->options.transmitter) {
    case transmitDatagram: loop->sender = datagramSocket(loop->options.ownAddress, 49152); break;
    case transmitConnected: connectEach(loop); break;
    case transmitRaw:
        loop->sender = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_RAW);
        if (loop->sender < 0) fail("raw socket");
        setsockopt(loop->sender, SOL_SOCKET, SO_SNDBUFFORCE, &hops, sizeof hops);
        break;
    case transmitPacket: loop->sender = packetSocket(loop->options.interface); break;
    }
}

static void sendConnected(struct floorLoop *loop, const int *chosen, int count) {
    for (int index = 0; index < count; index++) {
        struct session *session = &loop->sessions[chosen[index]];
        send(session->socket, &session->frame.bfd, bfdBytes, 0);
    }
}

void sendBatch(struct floorLoop *loop, const int *chosen, int count) {
    static struct mmsghdr messages[batchSize];
    static struct iovec vectors[batchSize];
    if (loop->options.transmitter == transmitConnected) return sendConnected(loop, chosen, count);
    for (int index = 0; index < count; index++) {
        struct session *session = &loop->sessions[chosen[index]];
        struct msghdr *header = &messages[index].msg_hdr;
        *header = (struct msghdr){ .msg_iov = &vectors[index], .msg_iovlen = 1 };
        if (loop->options.transmitter == transmitPacket) {
            vectors[index] = (struct iovec){ &session->frame, frameBytes };
            continue;
        }
        header->msg_name = &session->address;
        header->msg_namelen = sizeof session->address;
        bool isRaw = loop->options.transmitter == transmitRaw;
        vectors[index] = isRaw
            ? (struct iovec){ &session->frame.versionAndLength, frameBytes - 14 }
            : (struct iovec){ &session->frame.bfd, bfdBytes };
    }
    for (int done = 0; done < count;) {
        int sent = sendmmsg(loop->sender, messages + done, (unsigned)(count - done), 0);
        if (sent <= 0) return;
        done += sent;
    }
}
