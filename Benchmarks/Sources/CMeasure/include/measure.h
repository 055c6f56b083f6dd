// What the observer and the bare loop share: clocks, deadlines, packets and what a process used.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    nanosecondsPerMicrosecond = 1000,
    nanosecondsPerMillisecond = 1000000,
    nanosecondsPerSecond = 1000000000,
};

int64_t monotonicNow(void);
/// The clock of the kernel's receive stamps.
int64_t realtimeNow(void);
void sleepUntil(int64_t monotonic);
/// Pins the calling thread when `core` is not negative; SCHED_FIFO when `priority` is positive.
void claimCore(int core, int priority);
_Noreturn void fail(const char *operation);
void *allocateZeroed(size_t count, size_t size);

/// SplitMix64.
uint64_t randomNext(uint64_t *state);
/// 75 to 100 % of `interval`, uniform (RFC 5880 §6.8.7).
int64_t jittered(int64_t interval, uint64_t *state);

/// A binary heap of the deadlines of sessions 0 ..< count, each of which is in it once.
struct deadlines {
    int count;
    int *heap;
    int *place;
    int64_t *at;
};
void deadlinesInit(struct deadlines *queue, int count, int64_t initially);
void deadlinesSet(struct deadlines *queue, int session, int64_t at);
static inline int deadlinesFirst(const struct deadlines *queue) { return queue->heap[0]; }
static inline int64_t deadlinesNext(const struct deadlines *queue) {
    return queue->at[queue->heap[0]];
}

enum bfdState { stateAdminDown, stateDown, stateInit, stateUp };
enum { bfdBytes = 24, frameBytes = 14 + 20 + 8 + bfdBytes, controlPort = 3784 };
enum { flagPoll = 0x20, flagFinal = 0x10, flagControlPlane = 0x08, flagAuthentication = 0x04 };
enum { flagDemand = 0x02, flagMultipoint = 0x01 };

struct __attribute__((packed)) bfdPacket {
    uint8_t versionAndDiagnostic;
    uint8_t stateAndFlags;
    uint8_t multiplier;
    uint8_t length;
    uint32_t myDiscriminator;
    uint32_t yourDiscriminator;
    uint32_t desiredMinTx;
    uint32_t requiredMinRx;
    uint32_t requiredMinEchoRx;
};

/// A whole Ethernet frame, as a packet socket sends and receives it.
struct __attribute__((packed)) frame {
    uint8_t destinationHardware[6];
    uint8_t sourceHardware[6];
    uint16_t etherType;
    uint8_t versionAndLength;
    uint8_t trafficClass;
    uint16_t totalLength;
    uint16_t identification;
    uint16_t fragment;
    uint8_t timeToLive;
    uint8_t protocol;
    uint16_t headerChecksum;
    uint32_t source;
    uint32_t destination;
    uint16_t sourcePort;
    uint16_t destinationPort;
    uint16_t datagramLength;
    uint16_t datagramChecksum;
    struct bfdPacket bfd;
};

/// Addresses in host order; TTL 255, class CS6, our port 49152.
void frameInit(struct frame *frame, const uint8_t from[6], const uint8_t to[6], uint32_t source,
               uint32_t destination);
/// Fills in lengths and checksums for a payload of `payloadBytes`, which follows the UDP header.
void frameSeal(struct frame *frame, int payloadBytes);

/// What the process has used so far, all its threads together.
struct usage {
    int64_t cpuNanoseconds;
    int64_t softirqNanoseconds;
    int64_t switches;
    int64_t residentKiB;
    int threads;
};
/// `core`: whose ksoftirqd is counted beside the process.
struct usage usageOf(int pid, int core);

/// Sorts `samples` in place; `fraction` of them are at most what it returns.
void sortSamples(int64_t *samples, int count);
int64_t percentile(const int64_t *sorted, int count, double fraction);
