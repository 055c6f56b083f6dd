#pragma once

#include <ev.h>

static const unsigned gw_loop_flags = (unsigned)EVBACKEND_EPOLL | (unsigned)EVFLAG_NOENV;
static const int gw_event_read = EV_READ;
static const int gw_event_write = EV_WRITE;
static const int gw_run_once = EVRUN_ONCE;
static const int gw_run_nowait = EVRUN_NOWAIT;
static const int gw_break_all = EVBREAK_ALL;

// libev's init calls are macros, which Swift cannot see.

static inline void gw_ev_io_init(struct ev_io *watcher,
                                 void (*callback)(struct ev_loop *, struct ev_io *, int),
                                 int descriptor, int events) {
    ev_io_init(watcher, callback, descriptor, events);
}

// Only before the watcher is started.
static inline void gw_ev_set_urgent(struct ev_io *watcher) {
    ev_set_priority(watcher, EV_MAXPRI);
}

static inline void gw_ev_signal_init(struct ev_signal *watcher,
                                     void (*callback)(struct ev_loop *, struct ev_signal *, int),
                                     int signal) {
    ev_signal_init(watcher, callback, signal);
}

static inline void gw_ev_timer_init(struct ev_timer *watcher,
                                    void (*callback)(struct ev_loop *, struct ev_timer *, int)) {
    ev_timer_init(watcher, callback, 0, 0);
}

// Fires once, so many seconds from now.
static inline void gw_ev_timer_restart(struct ev_loop *loop, struct ev_timer *watcher,
                                       double seconds) {
    ev_timer_stop(loop, watcher);
    ev_now_update(loop);
    ev_timer_set(watcher, seconds, 0);
    ev_timer_start(loop, watcher);
}
