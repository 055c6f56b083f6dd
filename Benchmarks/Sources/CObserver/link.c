#include "observer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { ringFrameBytes = 256, ringFrames = 1 << 17, ringBlockBytes = 1 << 20 };

static void ringMap(struct observer *observer) {
    int version = TPACKET_V2, on = 1, transmitBytes = 4 << 20;
    struct tpacket_req request = {
        .tp_block_size = ringBlockBytes,
        .tp_block_nr = (unsigned)ringFrames * ringFrameBytes / ringBlockBytes,
        .tp_frame_size = ringFrameBytes,
        .tp_frame_nr = ringFrames,
    };
    int socket = observer->socket;
    if (setsockopt(socket, SOL_PACKET, PACKET_VERSION, &version, sizeof version)
        || setsockopt(socket, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on)
        || setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on)
        || setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &transmitBytes, sizeof transmitBytes)
        || setsockopt(socket, SOL_PACKET, PACKET_RX_RING, &request, sizeof request)) {
        fail("packet socket options");
    }
    observer->ring = mmap(NULL, (size_t)ringFrames * ringFrameBytes, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_POPULATE, socket, 0);
    if (observer->ring == MAP_FAILED) fail("mmap");
}

void linkOpen(struct observer *observer) {
    observer->socket = socket(AF_PACKET, SOCK_RAW, 0);
    if (observer->socket < 0) fail("packet socket");
    ringMap(observer);
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_IP),
        .sll_ifindex = (int)if_nametoindex(observer->options.interface),
    };
    if (address.sll_ifindex == 0) fail(observer->options.interface);
    if (bind(observer->socket, (struct sockaddr *)&address, sizeof address)) fail("bind");
}

void linkSend(struct observer *observer, const struct frame *frame, int bytes) {
    while (send(observer->socket, frame, (size_t)bytes, 0) < 0) {
        if (errno != EINTR && errno != ENOBUFS && errno != EAGAIN) fail("send");
        if (errno == ENOBUFS) return;
    }
}

void linkDrain(struct observer *observer) {
    for (;;) {
        uint8_t *slot = observer->ring + (size_t)observer->ringNext * ringFrameBytes;
        struct tpacket2_hdr *header = (struct tpacket2_hdr *)slot;
        uint32_t status = __atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE);
        if (!(status & TP_STATUS_USER)) return;
        if (status & TP_STATUS_LOSING) {
            struct tpacket_stats statistics;
            socklen_t size = sizeof statistics;
            getsockopt(observer->socket, SOL_PACKET, PACKET_STATISTICS, &statistics, &size);
            observer->ringDrops += statistics.tp_drops;
        }
        int64_t stamp = (int64_t)header->tp_sec * nanosecondsPerSecond + header->tp_nsec;
        const struct frame *frame = (const struct frame *)(slot + header->tp_mac);
        if (header->tp_snaplen >= frameBytes && frame->versionAndLength == 0x45
            && frame->protocol == 17 && frame->destinationPort == htons(controlPort)) {
            sessionReceive(observer, frame, stamp);
        } else {
            observer->total.strange++;
        }
        __atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        observer->ringNext = (observer->ringNext + 1) % ringFrames;
    }
}
