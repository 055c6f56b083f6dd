#include "observer.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usageText[] =
    "observer --interface NAME --subject-mac MAC [options], inside the observer's namespace\n"
    "  --subject ADDRESS    the subject's address (10.0.0.1)\n"
    "  --first ADDRESS      address of session 0, the others follow (10.64.0.1)\n"
    "  --sessions N         (1)\n"
    "  --interval US        both directions, microseconds (10000)\n"
    "  --multiplier N       ours: what the subject multiplies (3)\n"
    "  --core N             pin to this core (1; -1: nowhere)\n"
    "  --priority N         SCHED_FIFO priority (50; 0: none)\n"
    "  --pid PID            the subject, whose processor time is read\n"
    "  --subject-core N     whose ksoftirqd is read beside it (0)\n"
    "  --ramp US            between the first packets of two sessions (10)\n"
    "  --up-timeout S       give up waiting for all Up (60)\n"
    "  --settle S           from all Up to the measurement (2)\n"
    "  --seconds S          measurement (10)\n"
    "  --silences N         fall silent N times and measure detection; ends when done\n"
    "  --together N         at most so many sessions silent at a time (1)\n"
    "  --silence-all        all sessions fall silent at once, each N times\n"
    "  --rest MS            shortest time Up before a session falls silent again (500)\n"
    "  --junk N             packets a second that no session may be moved by\n"
    "  --routes PATH        the subject's network namespace, whose routes are watched\n"
    "  --seed N\n";

static _Noreturn void usageError(const char *message) {
    fprintf(stderr, "%s\n%s", message, usageText);
    exit(2);
}

static uint32_t addressOf(const char *text) {
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1) usageError("not an IPv4 address");
    return ntohl(address.s_addr);
}

static void hardwareOf(const char *text, uint8_t hardware[6]) {
    unsigned octets[6];
    int found = sscanf(text, "%x:%x:%x:%x:%x:%x", octets, octets + 1, octets + 2, octets + 3,
                       octets + 4, octets + 5);
    if (found != 6) usageError("not a hardware address");
    for (int index = 0; index < 6; index++) hardware[index] = (uint8_t)octets[index];
}

static const struct option known[] = {
    { "interface", required_argument, 0, 'i' },   { "subject-mac", required_argument, 0, 'm' },
    { "subject", required_argument, 0, 's' },     { "first", required_argument, 0, 'f' },
    { "sessions", required_argument, 0, 'n' },    { "interval", required_argument, 0, 't' },
    { "multiplier", required_argument, 0, 'x' },  { "core", required_argument, 0, 'c' },
    { "priority", required_argument, 0, 'p' },    { "pid", required_argument, 0, 'P' },
    { "subject-core", required_argument, 0, 'C' }, { "ramp", required_argument, 0, 'r' },
    { "up-timeout", required_argument, 0, 'u' },  { "settle", required_argument, 0, 'e' },
    { "seconds", required_argument, 0, 'd' },     { "silences", required_argument, 0, 'q' },
    { "together", required_argument, 0, 'g' },    { "silence-all", no_argument, 0, 'a' },
    { "rest", required_argument, 0, 'R' },        { "junk", required_argument, 0, 'j' },
    { "seed", required_argument, 0, 'S' },        { "routes", required_argument, 0, 'o' },
    { 0, 0, 0, 0 },
};

static void apply(struct options *options, int option, const char *value) {
    double number = value ? atof(value) : 0;
    switch (option) {
    case 'i': options->interface = value; break;
    case 'o': options->routesNamespace = value; break;
    case 'm': hardwareOf(value, options->subjectHardware); break;
    case 's': options->subjectAddress = addressOf(value); break;
    case 'f': options->firstAddress = addressOf(value); break;
    case 'n': options->sessions = (int)number; break;
    case 't': options->interval = (int64_t)(number * nanosecondsPerMicrosecond); break;
    case 'x': options->multiplier = (int)number; break;
    case 'c': options->core = (int)number; break;
    case 'p': options->priority = (int)number; break;
    case 'P': options->pid = (int)number; break;
    case 'C': options->subjectCore = (int)number; break;
    case 'r': options->ramp = (int64_t)(number * nanosecondsPerMicrosecond); break;
    case 'u': options->upTimeout = (int64_t)(number * nanosecondsPerSecond); break;
    case 'e': options->settle = (int64_t)(number * nanosecondsPerSecond); break;
    case 'd': options->duration = (int64_t)(number * nanosecondsPerSecond); break;
    case 'q': options->silences = (int)number; break;
    case 'g': options->together = (int)number; break;
    case 'a': options->silenceAll = true; break;
    case 'R': options->rest = (int64_t)(number * nanosecondsPerMillisecond); break;
    case 'j': options->junkRate = (int64_t)number; break;
    case 'S': options->seed = (uint64_t)number; break;
    default: usageError("unknown option");
    }
}

void parseOptions(struct options *options, int count, char **arguments) {
    *options = (struct options){
        .subjectAddress = addressOf("10.0.0.1"), .firstAddress = addressOf("10.64.0.1"),
        .sessions = 1, .interval = 10 * nanosecondsPerMillisecond, .multiplier = 3,
        .core = 1, .priority = 50, .ramp = 10 * nanosecondsPerMicrosecond,
        .upTimeout = 60LL * nanosecondsPerSecond, .settle = 2LL * nanosecondsPerSecond,
        .duration = 10LL * nanosecondsPerSecond, .rest = 500LL * nanosecondsPerMillisecond,
        .together = 1, .seed = (uint64_t)realtimeNow(),
    };
    int option;
    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        apply(options, option, optarg);
    }
    if (!options->interface) usageError("--interface is needed");
    if (options->sessions < 1 || options->sessions > 65000) usageError("1 to 65000 sessions");
    if (options->interval < 50 * nanosecondsPerMicrosecond) usageError("interval too short");
}
