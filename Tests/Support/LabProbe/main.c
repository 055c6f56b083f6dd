// Sends a small datagram every millisecond and remembers which ones came back.
//
//   LabProbe echo PORT                     returns every datagram to its sender
//   LabProbe client PREFIX COUNT PORT      to PREFIX1 ... PREFIXCOUNT in turn, until SIGTERM
//   LabProbe say ADDRESS PORT TTL HEX      the octets, five times a second, until it is killed
//   LabProbe flood ADDRESS PORT FROM PAUSE HEX   the octets from an address, with so many
//                                          microseconds between them, or none
//   LabProbe hold ADDRESS PORT             shares a port with others, and throws away what it gets
//   LabProbe refuse CALL COMMAND …         becomes COMMAND, to which seccomp refuses setns(2) or
//                                          mount(2)
//
// The client ends by printing "sent N", then "lost NANOSECONDS ADDRESS" for each datagram that
// never came back, with the wall-clock time of its sending.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAXIMUM_TARGETS = 254, MAXIMUM_PROBES = 1800 * 1000 };

static const int64_t interval = 1000 * 1000;
static const int64_t grace = 300 * 1000 * 1000;
static volatile sig_atomic_t is_ending;

static void end(int signal) {
    (void)signal;
    is_ending = 1;
}

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int open_socket(int port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int size = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("bind");
        exit(1);
    }
    return descriptor;
}

static int echo(int port) {
    int descriptor = open_socket(port);
    puts("ready");
    fflush(stdout);
    for (;;) {
        char bytes[64];
        struct sockaddr_in sender;
        socklen_t length = sizeof sender;
        ssize_t count = recvfrom(
            descriptor, bytes, sizeof bytes, 0, (struct sockaddr *)&sender, &length);
        if (count > 0)
            sendto(descriptor, bytes, count, 0, (struct sockaddr *)&sender, length);
    }
}

static int client(const char *prefix, int target_count, int port) {
    static int64_t sent_at[MAXIMUM_PROBES];
    static uint8_t is_back[MAXIMUM_PROBES];
    struct sockaddr_in targets[MAXIMUM_TARGETS];
    for (int index = 0; index < target_count; index++) {
        char text[INET_ADDRSTRLEN];
        snprintf(text, sizeof text, "%s%d", prefix, index + 1);
        targets[index] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        if (inet_pton(AF_INET, text, &targets[index].sin_addr) != 1) return 64;
    }
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    int descriptor = open_socket(0);
    puts("ready");
    fflush(stdout);

    uint32_t count = 0;
    int64_t next = now(CLOCK_MONOTONIC);
    int64_t deadline = INT64_MAX;
    for (;;) {
        int64_t current = now(CLOCK_MONOTONIC);
        if (is_ending && deadline == INT64_MAX) deadline = current + grace;
        if (current >= deadline) break;
        if (current >= next && !is_ending && count < MAXIMUM_PROBES) {
            struct sockaddr_in *target = &targets[count % target_count];
            sent_at[count] = now(CLOCK_REALTIME);
            sendto(descriptor, &count, sizeof count, 0, (struct sockaddr *)target, sizeof *target);
            count++;
            next = next + interval > current ? next + interval : current;
        }
        int64_t wait = (is_ending ? deadline : next) - now(CLOCK_MONOTONIC);
        struct timespec time = {0, wait > 0 ? wait : 0};
        struct pollfd readable = {.fd = descriptor, .events = POLLIN};
        ppoll(&readable, 1, &time, NULL);
        uint32_t number;
        while (recv(descriptor, &number, sizeof number, MSG_DONTWAIT) == sizeof number) {
            if (number < count) is_back[number] = 1;
        }
    }

    printf("sent %u\n", count);
    for (uint32_t number = 0; number < count; number++) {
        if (is_back[number]) continue;
        printf("lost %lld %s%d\n", (long long)sent_at[number], prefix,
               (int)(number % target_count) + 1);
    }
    return 0;
}

/// Sends the same octets until it is killed, as a BFD daemon would that never listens.
static int say(const char *address, int port, int ttl, const char *source, long pause,
               const char *digits) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(descriptor, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(50000)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, source, &from.sin_addr);
    inet_pton(AF_INET, address, &to.sin_addr);
    if (bind(descriptor, (struct sockaddr *)&from, sizeof from) < 0) return 1;
    uint8_t octets[512];
    size_t length = 0;
    unsigned octet;
    while (length < sizeof octets && sscanf(digits + 2 * length, "%2x", &octet) == 1) {
        octets[length++] = (uint8_t)octet;
    }
    for (;;) {
        sendto(descriptor, octets, length, 0, (struct sockaddr *)&to, sizeof to);
        if (pause > 0) nanosleep(&(struct timespec){0, pause * 1000}, NULL);
    }
}

/// What a second BFD daemon does.
static int hold(const char *address, int port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int enabled = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &enabled, sizeof enabled);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, address, &name.sin_addr);
    if (bind(descriptor, (struct sockaddr *)&name, sizeof name) < 0) return 1;
    puts("ready");
    fflush(stdout);
    char octets[512];
    while (recv(descriptor, octets, sizeof octets, 0) >= 0) continue;
    return 1;
}

/// What a container's seccomp profile does: root, with all capabilities, gets EPERM.
static int refuse(uint32_t call, char **command) {
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {
        .len = sizeof instructions / sizeof *instructions, .filter = instructions };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("seccomp");
        return 1;
    }
    execvp(command[0], command);
    perror(command[0]);
    return 1;
}

int main(int count, char **arguments) {
    if (count == 3 && strcmp(arguments[1], "echo") == 0) return echo(atoi(arguments[2]));
    if (count == 5 && strcmp(arguments[1], "client") == 0) {
        int targets = atoi(arguments[3]);
        if (targets > 0 && targets <= MAXIMUM_TARGETS)
            return client(arguments[2], targets, atoi(arguments[4]));
    }
    if (count == 6 && strcmp(arguments[1], "say") == 0)
        return say(arguments[2], atoi(arguments[3]), atoi(arguments[4]), "0.0.0.0", 200 * 1000,
                   arguments[5]);
    if (count == 7 && strcmp(arguments[1], "flood") == 0)
        return say(arguments[2], atoi(arguments[3]), 255, arguments[4], atol(arguments[5]),
                   arguments[6]);
    if (count == 4 && strcmp(arguments[1], "hold") == 0)
        return hold(arguments[2], atoi(arguments[3]));
    if (count >= 4 && strcmp(arguments[1], "refuse") == 0) {
        if (strcmp(arguments[2], "setns") == 0) return refuse(__NR_setns, arguments + 3);
        if (strcmp(arguments[2], "mount") == 0) return refuse(__NR_mount, arguments + 3);
    }
    fputs("usage: LabProbe echo PORT | client PREFIX COUNT PORT | say ADDRESS PORT TTL HEX | "
          "flood ADDRESS PORT FROM PAUSE HEX | hold ADDRESS PORT | "
          "refuse setns|mount COMMAND ...\n", stderr);
    return 64;
}
