#include "measure.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

void frameInit(struct frame *frame, const uint8_t from[6], const uint8_t to[6], uint32_t source,
               uint32_t destination) {
    memset(frame, 0, sizeof *frame);
    memcpy(frame->destinationHardware, to, 6);
    memcpy(frame->sourceHardware, from, 6);
    frame->etherType = htons(ETHERTYPE_IP);
    frame->versionAndLength = 0x45;
    frame->trafficClass = 0xC0;
    frame->fragment = htons(0x4000);
    frame->timeToLive = 255;
    frame->protocol = IPPROTO_UDP;
    frame->source = htonl(source);
    frame->destination = htonl(destination);
    frame->sourcePort = htons(49152);
    frame->destinationPort = htons(controlPort);
}

static uint32_t sumOf(const void *bytes, int count, uint32_t sum) {
    const uint8_t *octets = bytes;
    for (int index = 0; index + 1 < count; index += 2) {
        sum += (uint32_t)octets[index] << 8 | octets[index + 1];
    }
    if (count & 1) sum += (uint32_t)octets[count - 1] << 8;
    return sum;
}

static uint16_t folded(uint32_t sum) {
    while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
    return htons((uint16_t)~sum);
}

void frameSeal(struct frame *frame, int payloadBytes) {
    int datagramBytes = 8 + payloadBytes;
    frame->totalLength = htons((uint16_t)(20 + datagramBytes));
    frame->datagramLength = htons((uint16_t)datagramBytes);
    frame->headerChecksum = 0;
    frame->headerChecksum = folded(sumOf(&frame->versionAndLength, 20, 0));
    frame->datagramChecksum = 0;
    uint32_t sum = IPPROTO_UDP + (uint32_t)datagramBytes;
    sum = sumOf(&frame->source, 8, sum);
    uint16_t checksum = folded(sumOf(&frame->sourcePort, datagramBytes, sum));
    frame->datagramChecksum = checksum ? checksum : 0xFFFF;
}
