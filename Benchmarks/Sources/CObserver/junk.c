// Packets that a correct receiver drops: none of them is a valid packet of any session.
#include "observer.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

enum { batchSize = 64, kinds = 8, longestPayload = 64 };

struct junkFrame {
    struct frame frame;
    uint8_t rest[longestPayload - bfdBytes];
};

static int spoil(struct junkFrame *junk, int kind, uint64_t random) {
    struct bfdPacket *packet = &junk->frame.bfd;
    switch (kind) {
    case 0: junk->frame.timeToLive = 254 - random % 250; return bfdBytes;
    case 1: packet->versionAndDiagnostic = (uint8_t)((random % 2 ? 0 : 2 + random % 6) << 5);
            return bfdBytes;
    case 2: packet->length = (uint8_t)(random % bfdBytes); return bfdBytes;
    case 3: return (int)(random % bfdBytes);
    case 4: packet->yourDiscriminator = htonl((uint32_t)random | 0x80000000); return bfdBytes;
    case 5: packet->stateAndFlags |= flagMultipoint; return bfdBytes;
    case 6: packet->stateAndFlags |= flagAuthentication;
            packet->length = bfdBytes + 24;
            memset(junk->rest, (int)random, 24);
            junk->rest[0] = 5, junk->rest[1] = 24;
            return bfdBytes + 24;
    default: packet->myDiscriminator = 0; return bfdBytes;
    }
}

static int makeJunk(struct observer *observer, struct junkFrame *junk) {
    uint64_t random = randomNext(&observer->random);
    int index = (int)(random >> 32) % observer->options.sessions;
    if (index < 0) index = -index;
    const struct session *session = &observer->sessions[index];
    junk->frame = session->frame;
    junk->frame.bfd.stateAndFlags = stateDown << 6;
    int kind = (int)(random >> 24 & 0xFF) % (kinds + 1), payload = 40;
    if (kind == kinds) {
        uint8_t *octets = (uint8_t *)&junk->frame.bfd;
        for (int at = 0; at < longestPayload; at += 8) {
            uint64_t eight = randomNext(&observer->random);
            memcpy(octets + at, &eight, 8);
        }
        octets[0] &= 0x1F;
    } else {
        payload = spoil(junk, kind, random);
    }
    frameSeal(&junk->frame, payload);
    return frameBytes - bfdBytes + payload;
}

void junkSend(struct observer *observer, int64_t now) {
    static int64_t due;
    static struct junkFrame frames[batchSize];
    struct mmsghdr messages[batchSize];
    struct iovec vectors[batchSize];
    int64_t spacing = nanosecondsPerSecond / observer->options.junkRate;
    if (due == 0 || now - due > 10 * nanosecondsPerMillisecond) due = now;
    int count = 0;
    for (; due <= now && count < batchSize; due += spacing, count++) {
        vectors[count] = (struct iovec){ &frames[count], 0 };
        vectors[count].iov_len = (size_t)makeJunk(observer, &frames[count]);
        messages[count] = (struct mmsghdr){
            .msg_hdr = { .msg_iov = &vectors[count], .msg_iovlen = 1 },
        };
    }
    if (count == 0) return;
    int sent = sendmmsg(observer->socket, messages, (unsigned)count, 0);
    if (sent > 0) observer->total.junk += sent;
}
