#include "floor.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usageText[] =
    "floor [options], inside the subject's namespace\n"
    "  --send KIND         datagram (default), connected, raw, packet\n"
    "  --interface NAME    for packet\n"
    "  --peer-mac MAC      for packet\n"
    "  --own ADDRESS       (10.0.0.1)\n"
    "  --first ADDRESS     the peer of session 0, the others follow (10.64.0.1)\n"
    "  --sessions N        (1)\n"
    "  --interval US       (10000)\n"
    "  --multiplier N      (3)\n"
    "  --core N            (0)\n"
    "  --priority N        SCHED_FIFO (0: none)\n"
    "  --slack PERCENT     send so much early when awake anyway (0)\n"
    "  --tick US           receive only so often (0: woken by each packet)\n";

static _Noreturn void usageError(void) {
    fputs(usageText, stderr);
    exit(2);
}

static enum transmitter transmitterOf(const char *name) {
    if (!strcmp(name, "datagram")) return transmitDatagram;
    if (!strcmp(name, "connected")) return transmitConnected;
    if (!strcmp(name, "raw")) return transmitRaw;
    if (!strcmp(name, "packet")) return transmitPacket;
    usageError();
}

static uint32_t addressOf(const char *text) {
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1) usageError();
    return ntohl(address.s_addr);
}

static const struct option known[] = {
    { "send", required_argument, 0, 'k' },       { "interface", required_argument, 0, 'i' },
    { "peer-mac", required_argument, 0, 'm' },   { "own", required_argument, 0, 'o' },
    { "first", required_argument, 0, 'f' },      { "sessions", required_argument, 0, 'n' },
    { "interval", required_argument, 0, 't' },   { "multiplier", required_argument, 0, 'x' },
    { "core", required_argument, 0, 'c' },       { "priority", required_argument, 0, 'p' },
    { "slack", required_argument, 0, 's' },      { "tick", required_argument, 0, 'T' },
    { 0, 0, 0, 0 },
};

void parseOptions(struct options *options, int count, char **arguments) {
    *options = (struct options){
        .ownAddress = addressOf("10.0.0.1"), .firstAddress = addressOf("10.64.0.1"),
        .sessions = 1, .interval = 10 * nanosecondsPerMillisecond, .multiplier = 3,
    };
    int option;
    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        double number = optarg ? atof(optarg) : 0;
        uint8_t *mac = options->peerHardware;
        switch (option) {
        case 'k': options->transmitter = transmitterOf(optarg); break;
        case 'i': options->interface = optarg; break;
        case 'm':
            if (sscanf(optarg, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3,
                       mac + 4, mac + 5) != 6) usageError();
            break;
        case 'o': options->ownAddress = addressOf(optarg); break;
        case 'f': options->firstAddress = addressOf(optarg); break;
        case 'n': options->sessions = (int)number; break;
        case 't': options->interval = (int64_t)(number * nanosecondsPerMicrosecond); break;
        case 'x': options->multiplier = (int)number; break;
        case 'c': options->core = (int)number; break;
        case 'p': options->priority = (int)number; break;
        case 's': options->slack = number; break;
        case 'T': options->tick = (int64_t)(number * nanosecondsPerMicrosecond); break;
        default: usageError();
        }
    }
    bool needsLink = options->transmitter == transmitPacket;
    if (options->sessions < 1 || (needsLink && !options->interface)) usageError();
}
