// The least that sending and receiving BFD packets costs: one thread, a timerfd, the same packets
// on the same pacing, and no protocol but for the state a peer needs to see to come Up.
#pragma once

#include "measure.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum transmitter { transmitDatagram, transmitConnected, transmitRaw, transmitPacket };

struct options {
    enum transmitter transmitter;
    const char *interface;
    uint8_t peerHardware[6];
    uint32_t ownAddress, firstAddress;
    int sessions, core, priority, multiplier;
    int64_t interval;
    /// Sent early, in percent of the interval, when awake anyway; never below 75 %.
    double slack;
    /// Received only at ticks so far apart; 0: whenever a packet wakes us.
    int64_t tick;
};

struct session {
    struct frame frame;
    struct sockaddr_in address;
    int socket;
    int64_t earliest;
};

struct floorLoop {
    struct options options;
    struct session *sessions;
    struct deadlines deadlines;
    int receiver, sender, timer;
    uint64_t random;
};

enum { batchSize = 64 };

void parseOptions(struct options *options, int count, char **arguments);
void sendersOpen(struct floorLoop *loop);
/// Sends the packets of `count` sessions, at most `batchSize`.
void sendBatch(struct floorLoop *loop, const int *chosen, int count);
void receiverOpen(struct floorLoop *loop);
void receiveAll(struct floorLoop *loop);
