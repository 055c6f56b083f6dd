// An agent in Go that watches the paths to its peers, by way of cgo.
//
//	go build -o agent .
//	./agent [INTERFACE/]ADDRESS ...
//
// The library has threads of its own here, and keeps time whatever Go's scheduler and its garbage
// collector do meanwhile. SIGINT and SIGTERM take leave of the peers, so that none of them sees a
// failure.
package main

/*
#cgo pkg-config: gatewatch
#include <gatewatch.h>
#include <poll.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unsafe"
)

var states = []string{"AdminDown", "Down", "Init", "Up"}

type agent struct {
	handle   *C.struct_gatewatch
	peers    []string
	sessions []C.int64_t
}

// must ends the program where the library refuses, and passes other results on.
func must(what string, result C.int64_t) C.int64_t {
	if result < 0 {
		text := C.GoString(C.gatewatch_error_text(result))
		fmt.Fprintf(os.Stderr, "agent: %s: %s\n", what, text)
		os.Exit(1)
	}
	return result
}

func (agent *agent) add(peer string) {
	var config C.struct_gatewatch_session_config
	must("defaults", C.int64_t(C.gatewatch_session_defaults(
		&config, C.sizeof_struct_gatewatch_session_config)))
	config.desired_min_tx_us, config.required_min_rx_us = 100000, 100000
	config.tag = C.uint64_t(len(agent.peers))
	address := peer
	if link, rest, found := strings.Cut(peer, "/"); found {
		address = rest
		config.interface_name = C.CString(link)
		defer C.free(unsafe.Pointer(config.interface_name))
	}
	text := C.CString(address)
	defer C.free(unsafe.Pointer(text))
	must(peer, C.int64_t(C.gatewatch_address_parse(text, &config.destination)))
	agent.sessions = append(agent.sessions, must(peer, C.gatewatch_add(agent.handle, &config)))
	agent.peers = append(agent.peers, address)
}

// leave takes leave of all peers; the library may be called from any goroutine.
func (agent *agent) leave() {
	for index, session := range agent.sessions {
		must(agent.peers[index], C.int64_t(C.gatewatch_remove(agent.handle, session)))
	}
}

// follow prints what happens until all sessions have been removed.
func (agent *agent) follow() {
	ready := C.struct_pollfd{fd: C.gatewatch_descriptor(agent.handle), events: C.POLLIN}
	var event C.struct_gatewatch_event
	for remaining := len(agent.sessions); remaining > 0; {
		C.poll(&ready, 1, -1)
		for must("next event", C.int64_t(C.gatewatch_next_event(
			agent.handle, &event, C.sizeof_struct_gatewatch_event))) > 0 {
			switch event.kind {
			case C.GATEWATCH_EVENT_STATE:
				if event.new_state != C.GATEWATCH_STATE_INIT {
					fmt.Println(agent.peers[event.tag], states[event.new_state])
				}
			case C.GATEWATCH_EVENT_WARNING:
				fmt.Fprintln(os.Stderr, "agent:", C.GoString(&event.text[0]))
			case C.GATEWATCH_EVENT_REMOVED:
				remaining--
			}
		}
	}
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: agent [INTERFACE/]ADDRESS ...")
		os.Exit(64)
	}
	var agent agent
	must("open", C.int64_t(C.gatewatch_open(nil, &agent.handle)))
	for _, peer := range os.Args[1:] {
		agent.add(peer)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		agent.leave()
	}()
	agent.follow()
	C.gatewatch_close(agent.handle)
}
