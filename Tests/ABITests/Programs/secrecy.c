// A secret is in this process once while a session has it, and nowhere when it has it no more.

#include <poll.h>
#include <string.h>

#include "agent.h"

enum { LENGTH = 20 };

// All bits the other way, so that looking for it needs no copy of it.
static const unsigned char inverted[LENGTH] = {
    0x91, 0x1e, 0xc4, 0x77, 0x28, 0xd3, 0x5a, 0x06, 0xbf, 0x63,
    0x8d, 0x32, 0xe9, 0x14, 0x7b, 0xa0, 0x4f, 0xd8, 0x25, 0x9c,
};

static int is_there(const volatile unsigned char *octets) {
    for (int place = 0; place < LENGTH; place++)
        if ((octets[place] ^ inverted[place]) != 0xff) return 0;
    return 1;
}

// How often it is in memory that this process can write to.
static int count_copies(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    char line[512];
    int found = 0;
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char rights[8];
        CHECK(sscanf(line, "%lx-%lx %7s", &start, &end, rights) == 3);
        if (strncmp(rights, "rw", 2) != 0) continue;
        for (unsigned long place = start; place + LENGTH <= end; place++)
            if (is_there((const volatile unsigned char *)place)) {
                printf("%lx in %s", place, line);
                found++;
            }
    }
    fclose(maps);
    return found;
}

static int set_secret(struct gatewatch *handle, int64_t session) {
    unsigned char secret[LENGTH];
    for (int place = 0; place < LENGTH; place++) secret[place] = (unsigned char)~inverted[place];
    const struct gatewatch_key key = {.secret = secret, .secret_size = LENGTH, .id = 1};
    const struct gatewatch_keys keys = {
        .size = sizeof keys, .type = GATEWATCH_AUTH_METICULOUS_KEYED_SHA1,
        .keys = &key, .key_count = 1,
    };
    const int result = gatewatch_set_keys(handle, session, &keys);
    explicit_bzero(secret, sizeof secret);
    return result;
}

// A session whose peer it is itself, so that it both makes digests and looks at them.
static void live(uint32_t mode) {
    const struct gatewatch_config config = handle_defaults(mode, NULL);
    struct gatewatch *handle = opened(&config);
    const struct gatewatch_session_config session = patient_session("127.0.0.1");
    const int64_t number = checked(gatewatch_add(handle, &session));
    CHECK(set_secret(handle, number) == 0);
    struct gatewatch_session_status status;
    const int64_t start = present();
    do {
        struct pollfd ready = {.fd = gatewatch_descriptor(handle), .events = POLLIN};
        CHECK(poll(&ready, 1, 10) >= 0);
        if (mode == GATEWATCH_DRIVEN) checked(gatewatch_serve(handle));
        checked(gatewatch_status(handle, number, &status, sizeof status));
        CHECK(present() - start < PATIENCE_SECONDS * INT64_C(1000000000));
    } while (status.state != GATEWATCH_STATE_UP || status.sent < 10);
    const int used = count_copies();
    printf("%d in use\n", used);
    CHECK(used >= 1);
    if (mode == GATEWATCH_DRIVEN) checked(gatewatch_set_keys(handle, number, NULL));
    gatewatch_close(handle);
    const int left = count_copies();
    printf("%d left\n", left);
    CHECK(left == 0);
}

int main(void) {
    live(GATEWATCH_DRIVEN);
    live(GATEWATCH_MANAGED);
    puts("secrecy: all is well");
    return 0;
}
