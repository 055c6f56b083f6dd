// Threads of a host that use the same handles at once, each in every way that the header allows to
// any thread; handles in several namespaces, opened, used and closed by different threads.
//
//     threads TURNS           as it is allowed
//     threads TURNS broken    two threads drive one handle, so that there is a race to be found

#include <gatewatch.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

enum { HANDLES = 3, WORKERS = 3 };

// A handle, and what its users tell each other.
struct place {
    struct gatewatch *handle;
    int64_t steady;
    _Atomic int64_t latest;
    atomic_int working, up;
};

struct worker {
    struct place *place;
    int number;
};

static int turns;

// A network namespace of this thread's own.
static void move_away(void) {
    CHECK(unshare(CLONE_NEWNET) == 0);
    const int control = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    CHECK(control >= 0 && ioctl(control, SIOCSIFFLAGS, &loopback) == 0);
    close(control);
}

static struct gatewatch_session_config describe(int host, uint8_t passive) {
    struct gatewatch_session_config session;
    CHECK(gatewatch_session_defaults(&session, sizeof session) == 0);
    CHECK(gatewatch_address_parse("127.0.0.1", &session.destination) == 0);
    session.destination.octets[3] = (uint8_t)host;
    session.desired_min_tx_us = session.required_min_rx_us = 50000;
    session.detect_multiplier = 200;
    session.passive = passive;
    return session;
}

static struct gatewatch *open_handle(uint32_t mode) {
    struct gatewatch_config config;
    CHECK(gatewatch_config_defaults(&config, sizeof config) == 0);
    config.mode = mode;
    struct gatewatch *handle;
    const int result = gatewatch_open(&config, &handle);
    if (result < 0) fprintf(stderr, "%s\n", gatewatch_error_text(result));
    CHECK(result == 0);
    return handle;
}

static void *open_place(void *context) {
    struct place *place = context;
    move_away();
    place->handle = open_handle(GATEWATCH_MANAGED);
    const struct gatewatch_session_config session = describe(1, 0);
    place->steady = gatewatch_add(place->handle, &session);
    CHECK(place->steady > 0);
    return NULL;
}

// Adds sessions, changes and removes them.
static void *change(void *context) {
    const struct worker *worker = context;
    struct place *place = worker->place;
    struct gatewatch_session_config session = describe(10 + worker->number, 1);
    struct gatewatch_session_status status;
    for (int turn = 0; turn < turns; turn++) {
        const int64_t number = gatewatch_add(place->handle, &session);
        CHECK(number > 0);
        atomic_store(&place->latest, number);
        CHECK(gatewatch_set_admin_down(place->handle, number, turn & 1) == 0);
        session.detect_multiplier = (uint8_t)(1 + turn % 255);
        CHECK(gatewatch_update(place->handle, number, &session) == 0);
        CHECK(gatewatch_status(place->handle, number, &status, sizeof status) == 0);
        CHECK(gatewatch_remove(place->handle, number) == 0);
        CHECK(gatewatch_remove(place->handle, number) == GATEWATCH_ERROR_UNKNOWN_SESSION);
    }
    atomic_fetch_sub(&place->working, 1);
    return NULL;
}

// Looks at sessions that others may be removing.
static void *look(void *context) {
    const struct worker *worker = context;
    struct place *place = worker->place;
    struct gatewatch_session_status status;
    char text[40];
    while (atomic_load(&place->working) > 0) {
        const int64_t number = atomic_load(&place->latest);
        const int result = gatewatch_status(place->handle, number, &status, sizeof status);
        CHECK(result == 0 || result == GATEWATCH_ERROR_UNKNOWN_SESSION);
        CHECK(gatewatch_status(place->handle, place->steady, &status, sizeof status) == 0);
        const struct gatewatch_session_config session = describe(1, 0);
        CHECK(gatewatch_address_text(&session.destination, text, sizeof text) == 9);
        CHECK(gatewatch_error_text(result) != NULL && gatewatch_error_text(-13)[0] != 0);
    }
    return NULL;
}

// Leads a route by way of a session, and another way, and none.
static void *lead(void *context) {
    const struct worker *worker = context;
    struct place *place = worker->place;
    struct gatewatch_next_hop hop = {.session = place->steady, .weight = 1};
    hop.via = describe(1, 0).destination;
    struct gatewatch_route route = {
        .size = sizeof route, .next_hops = &hop, .next_hop_count = 1, .prefix_length = 24};
    CHECK(gatewatch_address_parse("192.0.2.0", &route.prefix) == 0);
    for (uint32_t turn = 0; atomic_load(&place->working) > 0; turn++) {
        route.metric = 1 + turn % 8;
        CHECK(gatewatch_set_routes(place->handle, &route, turn % 3 > 0, sizeof route) == 0);
    }
    return NULL;
}

// Takes events, beside another one that does.
static void *listen_to(void *context) {
    const struct worker *worker = context;
    struct place *place = worker->place;
    while (atomic_load(&place->working) > 0 || !atomic_load(&place->up)) {
        struct pollfd ready = {.fd = gatewatch_descriptor(place->handle), .events = POLLIN};
        CHECK(poll(&ready, 1, 20) >= 0);
        struct gatewatch_event event;
        int result;
        while ((result = gatewatch_next_event(place->handle, &event, sizeof event)) > 0)
            if (event.session == place->steady && event.new_state == GATEWATCH_STATE_UP)
                atomic_store(&place->up, 1);
        CHECK(result == 0);
    }
    return NULL;
}

// Opens and closes handles of its own meanwhile, of both kinds.
static void *come_and_go(void *context) {
    (void)context;
    move_away();
    const struct gatewatch_session_config session = describe(1, 0);
    for (int turn = 0; turn < turns; turn++) {
        struct gatewatch *handle = open_handle(turn % 2 ? GATEWATCH_DRIVEN : GATEWATCH_MANAGED);
        CHECK(gatewatch_add(handle, &session) > 0);
        if (turn % 2) CHECK(gatewatch_serve(handle) >= 0);
        gatewatch_close(handle);
    }
    return NULL;
}

// What the header forbids.
static void *drive(void *context) {
    struct gatewatch_session_status status;
    for (int turn = 0; turn < turns; turn++) {
        CHECK(gatewatch_serve(context) >= 0);
        CHECK(gatewatch_status(context, 1, &status, sizeof status) == 0);
    }
    return NULL;
}

static void break_the_rule(void) {
    move_away();
    struct gatewatch *handle = open_handle(GATEWATCH_DRIVEN);
    const struct gatewatch_session_config session = describe(1, 0);
    CHECK(gatewatch_add(handle, &session) == 1);
    pthread_t threads[2];
    for (int number = 0; number < 2; number++)
        CHECK(pthread_create(&threads[number], NULL, drive, handle) == 0);
    for (int number = 0; number < 2; number++) CHECK(pthread_join(threads[number], NULL) == 0);
    gatewatch_close(handle);
}

int main(int count, char **arguments) {
    CHECK(count == 2 || count == 3);
    turns = atoi(arguments[1]);
    if (count == 3) return break_the_rule(), 0;
    static struct place places[HANDLES];
    static struct worker workers[HANDLES][WORKERS];
    pthread_t openers[HANDLES], threads[HANDLES * (WORKERS + 5)], others[2];
    int started = 0;
    for (int place = 0; place < HANDLES; place++)
        CHECK(pthread_create(&openers[place], NULL, open_place, &places[place]) == 0);
    for (int number = 0; number < 2; number++)
        CHECK(pthread_create(&others[number], NULL, come_and_go, NULL) == 0);
    for (int place = 0; place < HANDLES; place++) {
        CHECK(pthread_join(openers[place], NULL) == 0);
        atomic_store(&places[place].working, WORKERS);
        void *(*const roles[])(void *) = {
            change, change, change, look, look, lead, listen_to, listen_to};
        for (int role = 0; role < WORKERS + 5; role++) {
            struct worker *worker = &workers[place][role % WORKERS];
            if (role < WORKERS) *worker = (struct worker){&places[place], role};
            CHECK(pthread_create(&threads[started++], NULL, roles[role], worker) == 0);
        }
    }
    while (started > 0) CHECK(pthread_join(threads[--started], NULL) == 0);
    for (int place = 0; place < HANDLES; place++) gatewatch_close(places[place].handle);
    for (int number = 0; number < 2; number++) CHECK(pthread_join(others[number], NULL) == 0);
    puts("threads: all is well");
    return 0;
}
