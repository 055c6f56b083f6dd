// An agent on a libev loop of its own that watches the paths to its peers.
//
//     cc agent.c -o agent $(pkg-config --cflags --libs gatewatch) -lev
//     ./agent [-m] [INTERFACE/]ADDRESS ...
//
// The library has no thread here: the loop watches one descriptor, and serves when it is readable.
// With -m it has threads of its own, and the same descriptor tells of events only.
// SIGINT and SIGTERM take leave of the peers, so that none of them sees a failure.

#include <ev.h>
#include <gatewatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct agent {
    struct gatewatch *gatewatch;
    char **peers;
    int64_t *sessions;
    int count, remaining, is_managed;
};

static const char *const states[] = {"AdminDown", "Down", "Init", "Up"};

static int64_t must(const char *what, int64_t result) {
    if (result >= 0) return result;
    fprintf(stderr, "agent: %s: %s\n", what, gatewatch_error_text(result));
    exit(1);
}

static void take_events(struct ev_loop *loop, struct agent *agent) {
    struct gatewatch_event event;
    while (must("next event", gatewatch_next_event(agent->gatewatch, &event, sizeof event))) {
        if (event.kind == GATEWATCH_EVENT_STATE && event.new_state != GATEWATCH_STATE_INIT)
            printf("%s %s\n", agent->peers[event.tag], states[event.new_state]);
        if (event.kind == GATEWATCH_EVENT_WARNING) fprintf(stderr, "agent: %s\n", event.text);
        if (event.kind == GATEWATCH_EVENT_REMOVED && --agent->remaining == 0)
            ev_break(loop, EVBREAK_ALL);
    }
    fflush(stdout);
}

static void on_ready(struct ev_loop *loop, ev_io *watcher, int events) {
    (void)events;
    struct agent *agent = watcher->data;
    if (agent->is_managed || must("serve", gatewatch_serve(agent->gatewatch)))
        take_events(loop, agent);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events) {
    (void)events;
    struct agent *agent = watcher->data;
    if (agent->remaining) {
        // The second time, at once.
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    agent->remaining = agent->count;
    for (int index = 0; index < agent->count; index++)
        must(agent->peers[index], gatewatch_remove(agent->gatewatch, agent->sessions[index]));
    take_events(loop, agent);
}

static void add(struct agent *agent, int index) {
    struct gatewatch_session_config config;
    must("defaults", gatewatch_session_defaults(&config, sizeof config));
    config.desired_min_tx_us = config.required_min_rx_us = 100000;
    config.tag = (uint64_t)index;
    char *slash = strchr(agent->peers[index], '/');
    if (slash) {
        *slash = 0;
        config.interface_name = agent->peers[index];
        agent->peers[index] = slash + 1;
    }
    must(agent->peers[index], gatewatch_address_parse(agent->peers[index], &config.destination));
    agent->sessions[index] = must(agent->peers[index], gatewatch_add(agent->gatewatch, &config));
}

int main(int count, char **arguments) {
    int is_managed = count > 1 && strcmp(arguments[1], "-m") == 0, first = 1 + is_managed;
    struct agent agent = {.peers = arguments + first, .count = count - first};
    if (agent.count < 1) return fprintf(stderr, "usage: agent [-m] [IF/]ADDRESS ...\n"), 64;
    agent.is_managed = is_managed;
    agent.sessions = calloc((size_t)agent.count, sizeof *agent.sessions);
    // Each session has a descriptor, and what is usual is 1024.
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    struct gatewatch_config config;
    must("defaults", gatewatch_config_defaults(&config, sizeof config));
    config.mode = is_managed ? GATEWATCH_MANAGED : GATEWATCH_DRIVEN;
    config.session_capacity = (uint32_t)agent.count;
    must("open", gatewatch_open(&config, &agent.gatewatch));
    for (int index = 0; index < agent.count; index++) add(&agent, index);

    struct ev_loop *loop = ev_default_loop(0);
    ev_io ready;
    ev_signal signals[2];
    ev_io_init(&ready, on_ready, gatewatch_descriptor(agent.gatewatch), EV_READ);
    ev_signal_init(&signals[0], on_signal, SIGINT);
    ev_signal_init(&signals[1], on_signal, SIGTERM);
    ready.data = signals[0].data = signals[1].data = &agent;
    ev_io_start(loop, &ready);
    ev_signal_start(loop, &signals[0]);
    ev_signal_start(loop, &signals[1]);
    ev_run(loop, 0);
    gatewatch_close(agent.gatewatch);
    free(agent.sessions);
    return 0;
}
