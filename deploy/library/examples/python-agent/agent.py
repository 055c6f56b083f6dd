"""An agent in Python that watches the paths to its peers, by way of ctypes.

    python3 agent.py [INTERFACE/]ADDRESS ...

The library has threads of its own here, and keeps time whatever Python does meanwhile. SIGINT and
SIGTERM take leave of the peers, so that none of them sees a failure.
"""

import ctypes
import select
import signal
import sys
from ctypes import POINTER, Structure, byref, c_char, c_char_p, c_int, c_int64, c_size_t, c_uint8
from ctypes import c_uint32, c_uint64, c_void_p, sizeof

STATE, REMOVED = 1, 2
STATES = ["AdminDown", "Down", "Init", "Up"]


class Address(Structure):
    _fields_ = [("family", c_uint8), ("octets", c_uint8 * 16)]


class SessionConfig(Structure):
    _fields_ = [
        ("size", c_uint32), ("interface_index", c_uint32), ("interface_name", c_char_p),
        ("tag", c_uint64), ("destination", Address), ("source", Address),
        ("transport", c_uint8), ("passive", c_uint8), ("detect_multiplier", c_uint8),
        ("minimum_ttl", c_uint8), ("admin_down", c_uint8),
        ("control_plane_independent", c_uint8), ("traffic_class", c_uint8),
        ("reserved", c_uint8 * 7), ("desired_min_tx_us", c_uint32),
        ("required_min_rx_us", c_uint32), ("local_discriminator", c_uint32),
        ("reserved_2", c_uint32),
    ]


class Event(Structure):
    _fields_ = [
        ("size", c_uint32), ("kind", c_uint32), ("session", c_int64), ("tag", c_uint64),
        ("at", c_int64), ("last_received", c_int64), ("old_state", c_uint8),
        ("new_state", c_uint8), ("cause", c_uint8), ("local_diagnostic", c_uint8),
        ("remote_diagnostic", c_uint8), ("reserved", c_uint8 * 3), ("count", c_uint64),
        ("text", c_char * 128),
    ]


library = ctypes.CDLL("libgatewatch.so.0")
library.gatewatch_error_text.argtypes = [c_int64]
library.gatewatch_error_text.restype = c_char_p


def function(name, *arguments, result=c_int):
    """A function of the library; what it refuses is raised."""

    def check(value, called, passed):
        if value < 0:
            text = library.gatewatch_error_text(value).decode()
            raise OSError(value, f"{name}: {text}")
        return value

    found = getattr(library, "gatewatch_" + name)
    found.argtypes, found.restype, found.errcheck = arguments, result, check
    return found


open_handle = function("open", c_void_p, POINTER(c_void_p))
descriptor = function("descriptor", c_void_p)
parse = function("address_parse", c_char_p, POINTER(Address))
defaults = function("session_defaults", POINTER(SessionConfig), c_size_t)
add = function("add", c_void_p, POINTER(SessionConfig), result=c_int64)
remove = function("remove", c_void_p, c_int64)
next_event = function("next_event", c_void_p, POINTER(Event), c_size_t)
library.gatewatch_close.argtypes = [c_void_p]
library.gatewatch_close.restype = None


def start(handle, peer, tag):
    interface, _, address = peer.rpartition("/")
    config = SessionConfig()
    defaults(byref(config), sizeof(config))
    config.interface_name = interface.encode() or None
    config.desired_min_tx_us = config.required_min_rx_us = 100_000
    config.tag = tag
    parse(address.encode(), byref(config.destination))
    return add(handle, byref(config))


def main(peers):
    handle = c_void_p()
    open_handle(None, byref(handle))
    sessions = [start(handle, peer, tag) for tag, peer in enumerate(peers)]

    def leave(*_):
        for session in sessions:
            remove(handle, session)

    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, leave)
    remaining, event = len(sessions), Event()
    while remaining:
        select.select([descriptor(handle)], [], [])
        while next_event(handle, byref(event), sizeof(event)):
            if event.kind == STATE and STATES[event.new_state] != "Init":
                address = peers[event.tag].rpartition("/")[2]
                print(address, STATES[event.new_state], flush=True)
            remaining -= event.kind == REMOVED
    library.gatewatch_close(handle)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: agent.py [INTERFACE/]ADDRESS ...")
    main(sys.argv[1:])
