// Receives as a BFD daemon must: with TTL, arrival interface and the kernel's stamp.
#include "floor.h"

#include <arpa/inet.h>
#include <errno.h>

enum { controlBytes = 128, payloadBytes = 128 };

void receiverOpen(struct floorLoop *loop) {
    loop->receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (loop->receiver < 0) fail("socket");
    int on = 1, bytes = 4 << 20;
    setsockopt(loop->receiver, IPPROTO_IP, IP_RECVTTL, &on, sizeof on);
    setsockopt(loop->receiver, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    setsockopt(loop->receiver, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(loop->receiver, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(controlPort) };
    if (bind(loop->receiver, (struct sockaddr *)&address, sizeof address)) fail("bind");
}

static void receive(struct floorLoop *loop, uint32_t from, const struct bfdPacket *packet) {
    uint32_t index = from - loop->options.firstAddress;
    if (index >= (uint32_t)loop->options.sessions) return;
    struct session *session = &loop->sessions[index];
    int seen = packet->stateAndFlags >> 6;
    uint8_t answer = (uint8_t)((seen == stateUp ? stateUp : stateInit) << 6);
    if (session->frame.bfd.stateAndFlags == answer) return;
    session->frame.bfd.stateAndFlags = answer;
    frameSeal(&session->frame, bfdBytes);
    deadlinesSet(&loop->deadlines, (int)index, monotonicNow());
}

void receiveAll(struct floorLoop *loop) {
    static struct mmsghdr messages[batchSize];
    static struct iovec vectors[batchSize];
    static struct sockaddr_in sources[batchSize];
    static uint8_t controls[batchSize][controlBytes], payloads[batchSize][payloadBytes];
    int count;
    do {
        for (int index = 0; index < batchSize; index++) {
            vectors[index] = (struct iovec){ payloads[index], payloadBytes };
            messages[index].msg_hdr = (struct msghdr){
                .msg_name = &sources[index], .msg_namelen = sizeof sources[index],
                .msg_iov = &vectors[index], .msg_iovlen = 1,
                .msg_control = controls[index], .msg_controllen = controlBytes,
            };
        }
        count = recvmmsg(loop->receiver, messages, batchSize, 0, NULL);
        for (int index = 0; index < count; index++) {
            if (messages[index].msg_len < bfdBytes) continue;
            receive(loop, ntohl(sources[index].sin_addr.s_addr),
                    (const struct bfdPacket *)payloads[index]);
        }
    } while (count == batchSize || (count < 0 && errno == EINTR));
}
