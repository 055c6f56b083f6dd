// A managed end in the namespace that is named, and a driven one in the namespace of this program:
// they bring a session up, one switches it off and on, the other removes it.

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

struct end {
    const char *name;
    struct gatewatch *handle;
    int64_t session;
    uint8_t state, cause;
    int is_removed;
    int expirations;
    char route[128];
};

static void open_end(struct end *end, const char *name, uint32_t mode, const char *namespace) {
    const struct gatewatch_config config = handle_defaults(mode, namespace);
    memset(end, 0, sizeof *end);
    end->name = name;
    end->handle = opened(&config);
}

static void add(struct end *end, const char *peer, const char *interface) {
    struct gatewatch_session_config config = patient_session(peer);
    config.interface_name = interface;
    config.tag = (uint64_t)(uintptr_t)end;
    end->session = checked(gatewatch_add(end->handle, &config));
    end->state = GATEWATCH_STATE_DOWN;
}

static void listen_to(struct end *end) {
    struct gatewatch_event event;
    int result;
    while ((result = gatewatch_next_event(end->handle, &event, sizeof event)) > 0) {
        if (event.kind == GATEWATCH_EVENT_WARNING) {
            printf("%s: %s\n", end->name, event.text);
            continue;
        }
        if (event.kind == GATEWATCH_EVENT_ROUTE) {
            printf("%s: %s\n", end->name, event.text);
            memcpy(end->route, event.text, sizeof end->route);
            continue;
        }
        CHECK(event.session == end->session && event.tag == (uint64_t)(uintptr_t)end);
        if (event.kind == GATEWATCH_EVENT_REMOVED) {
            end->is_removed = 1;
            continue;
        }
        CHECK(event.kind == GATEWATCH_EVENT_STATE && event.at > 0 && event.at <= present());
        printf("%s: %d to %d, cause %d\n", end->name, event.old_state, event.new_state,
               event.cause);
        end->state = event.new_state;
        end->cause = event.cause;
        end->expirations += event.cause == GATEWATCH_CAUSE_DETECTION_TIME_EXPIRED;
    }
    CHECK(result == 0);
}

// One turn of a loop such as an agent has.
static void turn(struct end *managed, struct end *driven) {
    struct pollfd descriptors[] = {
        {.fd = gatewatch_descriptor(managed->handle), .events = POLLIN},
        {.fd = gatewatch_descriptor(driven->handle), .events = POLLIN},
    };
    CHECK(descriptors[0].fd >= 0 && descriptors[1].fd >= 0);
    CHECK(poll(descriptors, 2, 1000) >= 0);
    if (descriptors[1].revents) CHECK(gatewatch_serve(driven->handle) >= 0);
    listen_to(managed);
    listen_to(driven);
}

#define WAIT_UNTIL(condition)                                                        \
    do {                                                                             \
        const int64_t start = present();                                             \
        while (!(condition)) {                                                       \
            turn(&managed, &driven);                                                 \
            CHECK(present() - start < PATIENCE_SECONDS * INT64_C(1000000000));                     \
        }                                                                            \
    } while (0)

// A route by way of the peer, in the namespace of an end.
static int set_route(struct end *end, const char *peer, int64_t session, uint32_t weight) {
    struct gatewatch_next_hop hop = {.session = session, .weight = weight};
    CHECK(gatewatch_address_parse(peer, &hop.via) == 0);
    struct gatewatch_route route = {
        .size = sizeof route, .metric = 50, .next_hops = &hop, .next_hop_count = 1,
        .prefix_length = 24,
    };
    CHECK(gatewatch_address_parse("192.0.2.0", &route.prefix) == 0);
    return gatewatch_set_routes(end->handle, &route, 1, sizeof route);
}

int main(int count, char **arguments) {
    CHECK(count == 5);
    struct end managed, driven;
    struct gatewatch_config wrong = {.size = sizeof wrong, .session_capacity = 1};
    wrong.namespace_path = "/nowhere";
    CHECK(gatewatch_open(&wrong, &managed.handle) == GATEWATCH_ERROR_NAMESPACE);
    CHECK(managed.handle == NULL);
    open_end(&managed, "managed", GATEWATCH_MANAGED, arguments[1]);
    open_end(&driven, "driven", GATEWATCH_DRIVEN, NULL);
    CHECK(gatewatch_serve(managed.handle) == GATEWATCH_ERROR_MODE);
    CHECK(gatewatch_remove(managed.handle, 9) == GATEWATCH_ERROR_UNKNOWN_SESSION);
    CHECK(gatewatch_remove(driven.handle, 9) == GATEWATCH_ERROR_UNKNOWN_SESSION);
    add(&managed, arguments[2], arguments[4]);
    add(&driven, arguments[3], arguments[4]);
    CHECK(gatewatch_deadline(driven.handle) < INT64_MAX);
    WAIT_UNTIL(managed.state == GATEWATCH_STATE_UP && driven.state == GATEWATCH_STATE_UP);

    struct gatewatch_session_status status;
    CHECK(gatewatch_status(managed.handle, managed.session, &status, sizeof status) == 0);
    CHECK(status.state == GATEWATCH_STATE_UP && status.received > 0);
    const uint32_t discriminator = status.local_discriminator;
    CHECK(gatewatch_status(driven.handle, driven.session, &status, sizeof status) == 0);
    CHECK(status.remote_discriminator == discriminator);

    // A caller that stays away fails the session at the other end, and has it back afterwards.
    CHECK(managed.expirations == 0 && driven.expirations == 0);
    sleep(4);
    WAIT_UNTIL(managed.expirations > 0);
    WAIT_UNTIL(managed.state == GATEWATCH_STATE_UP && driven.state == GATEWATCH_STATE_UP);
    CHECK(driven.expirations == 0);

    CHECK(set_route(&driven, arguments[3], 1, 1) == GATEWATCH_ERROR_MODE);
    CHECK(set_route(&managed, arguments[2], managed.session, 0) == GATEWATCH_ERROR_ARGUMENT);
    CHECK(set_route(&managed, "2001:db8::1", managed.session, 1) == 0);
    CHECK(set_route(&managed, arguments[2], managed.session, 1) == 0);
    WAIT_UNTIL(strncmp(managed.route, "route-installed ", 16) == 0);

    CHECK(gatewatch_set_admin_down(driven.handle, driven.session, 1) == 0);
    WAIT_UNTIL(managed.state == GATEWATCH_STATE_DOWN);
    CHECK(managed.cause == GATEWATCH_CAUSE_PEER_ADMIN_DOWN);
    WAIT_UNTIL(strncmp(managed.route, "route-withdrawn ", 16) == 0);
    CHECK(gatewatch_set_routes(managed.handle, NULL, 0, sizeof(struct gatewatch_route)) == 0);
    CHECK(gatewatch_set_admin_down(driven.handle, driven.session, 0) == 0);
    WAIT_UNTIL(managed.state == GATEWATCH_STATE_UP && driven.state == GATEWATCH_STATE_UP);

    CHECK(gatewatch_remove(managed.handle, managed.session) == 0);
    WAIT_UNTIL(managed.is_removed && driven.state == GATEWATCH_STATE_DOWN);
    CHECK(driven.cause == GATEWATCH_CAUSE_PEER_ADMIN_DOWN);
    gatewatch_close(managed.handle);
    gatewatch_close(driven.handle);
    gatewatch_close(NULL);
    puts("pair: all is well");
    return 0;
}
