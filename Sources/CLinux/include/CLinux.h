#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// Linux calls that Swift cannot see or cannot call. Each returns -errno on failure, so errno never
// crosses the language.

/// An IPv4 or IPv6 address as 16 octets: IPv4 in the first four.
struct gw_address {
    uint8_t octets[16];
    uint8_t is_ipv6;
};

/// What the kernel says of one received datagram.
struct gw_arrival {
    struct gw_address source;
    struct gw_address destination;
    /// Wall-clock receive time in nanoseconds, 0 when the kernel gave none.
    int64_t realtime_nanoseconds;
    uint32_t interface_index;
    /// What the buffer holds of it.
    uint32_t byte_count;
    /// As sent.
    uint32_t sent_byte_count;
    /// TTL or hop limit, -1 when the kernel gave none.
    int16_t hop_limit;
    uint16_t source_port;
};

/// Buffers for reading datagrams in batches; opaque.
struct gw_receive_batch;

/// A batch of `count` datagrams of up to `byte_capacity` octets each. NULL when out of memory.
struct gw_receive_batch *gw_receive_batch_create(uint32_t count, uint32_t byte_capacity);
void gw_receive_batch_destroy(struct gw_receive_batch *batch);
/// Reads what is waiting, without blocking. The number of datagrams, or -errno.
int gw_receive_batch_read(struct gw_receive_batch *batch, int descriptor);
/// Datagram `index` of the last read.
const struct gw_arrival *gw_receive_batch_arrival(const struct gw_receive_batch *batch,
                                                  uint32_t index);
const uint8_t *gw_receive_batch_bytes(const struct gw_receive_batch *batch, uint32_t index);

/// A non-blocking UDP socket that reports hop limit, destination, interface and receive time, and
/// whose datagrams are never fragmented.
int gw_udp_socket(int is_ipv6);
/// Binds to `address` (all zero: any) and `port`.
int gw_bind(int descriptor, const struct gw_address *address, uint16_t port,
            uint32_t interface_index);
/// A raw socket that sends IP packets with the header the caller wrote, and receives none.
int gw_raw_socket(int is_ipv6);
int gw_bind_to_device(int descriptor, const char *name);
/// TTL or hop limit, traffic class (TOS octet) and SO_PRIORITY of what is sent.
int gw_set_transmit_options(int descriptor, int is_ipv6, int hop_limit, int traffic_class,
                            int priority);
int gw_set_receive_buffer(int descriptor, int byte_count);
/// Sends one datagram; `interface_index` is the scope of a link-local destination or 0.
int gw_send(int descriptor, const void *bytes, size_t byte_count,
            const struct gw_address *destination, uint16_t port, uint32_t interface_index);

/// Has a socket reach one peer only; its own address is chosen now, unless it is bound to one.
int gw_connect(int descriptor, const struct gw_address *address, uint16_t port,
               uint32_t interface_index);
/// Sends one datagram to the peer of a connected socket; an error that an earlier datagram met with
/// does not keep this one from leaving.
int gw_send_connected(int descriptor, const void *bytes, size_t byte_count);

/// Which socket of those that share a port gets a datagram, in the order in which they were bound.
enum {
    /// A Poll, a Final, or a state other than Up.
    GW_URGENT = 0,
    /// Up, as expected.
    GW_ROUTINE = 1,
    /// What no session can ever accept.
    GW_INVALID = 2,
    /// How many sockets each thread has.
    GW_ROLES = 3,
};

/// Lets sockets that are bound later share the port of a bound one.
int gw_share_port(int descriptor);
/// Has the kernel choose among the sockets that share a port, by what the packet says, and by the
/// last octet of its source among threads; packets below the TTL or hop limit are invalid, zero
/// lets all pass. May be called again.
int gw_steer(int descriptor, int is_ipv6, int minimum_hop_limit, int thread_count);
/// How many datagrams found no room in a socket since it was made, or -errno.
int64_t gw_receive_drops(int descriptor);
/// The octets of a socket's receive buffer, by the kernel's own count, or -errno.
int gw_receive_buffer(int descriptor);

/// A subnet that an interface has an address in; of a point-to-point link, the other end's.
struct gw_interface_subnet {
    struct gw_address address;
    uint32_t interface_index;
    uint8_t bit_count;
};

/// Writes the subnets of all interfaces of the calling thread's network namespace, as many as there
/// is room for. How many there are, or -errno.
int gw_interface_subnets(struct gw_interface_subnet *subnets, int capacity);
/// The index of an interface, 0 when there is none of that name, or -errno.
int gw_interface_index(const char *name);
/// Writes the name of an interface, 16 octets at most with its zero. 0 or -errno.
int gw_interface_name(uint32_t interface_index, char *name);

/// How an interface stands.
struct gw_interface_state {
    uint32_t flags;
    int32_t mtu;
    uint8_t hardware_address[6];
};

/// Reads the state of an interface of the calling thread's network namespace. 0 or -errno.
int gw_read_interface_state(const char *name, struct gw_interface_state *state);

/// How many senders a watch tells apart from all others, and how much it shows of a packet.
enum { GW_WATCH_SOURCES = 200, GW_WATCH_OCTETS = 256 };
/// A packet socket that sees BFD packets of some senders, or of all when none is given, as they
/// come to any link, before firewall and sockets, and ICMP errors; IPv6 addresses by their last 32
/// bits. The descriptor, or -errno.
int gw_watch_open(const uint32_t *sources, int count);
/// Reads the next packet from its IP header on, without waiting. Its octets, or -errno.
int gw_watch_read(int descriptor, void *bytes, size_t byte_capacity, int *is_outgoing,
                  uint32_t *interface_index);

/// Reads the local address of an IP socket. 0 or -errno.
int gw_local_address(int descriptor, struct gw_address *address);

/// From now on SIGINT, SIGTERM and SIGHUP are counted, and end the process no more.
void gw_stop_on_signals(void);
int gw_stop_count(void);
/// Takes the whole screen of the terminal behind standard input and output, and keys as they are
/// pressed. 0 or -errno.
int gw_terminal_enter(void);
/// Puts the terminal back as it was; harmless when repeated, and in a signal handler.
void gw_terminal_leave(void);
/// Rows and columns of the terminal behind standard output. 0 or -errno.
int gw_terminal_size(int *rows, int *columns);

/// The number in a file of /proc/sys, or -errno.
int gw_read_setting(const char *path);

int gw_timerfd_create(void);
/// Absolute CLOCK_MONOTONIC nanoseconds; 0 disarms.
int gw_timerfd_set(int descriptor, int64_t nanoseconds);
int gw_eventfd_create(void);
/// Reads and discards the 8-octet counter of a timerfd or eventfd.
void gw_counter_acknowledge(int descriptor);
void gw_eventfd_signal(int descriptor);
int64_t gw_clock_nanoseconds(int clock);

/// setns(2) into a network namespace, for the calling thread.
int gw_enter_network_namespace(int descriptor);
/// unshare(2) of the network namespace, for the calling thread.
int gw_unshare_network_namespace(void);
/// The CLONE_NEW… constant of a namespace descriptor, or -errno.
int gw_namespace_type(int descriptor);
int gw_clone_newnet(void);
/// A descriptor that says what is at a path, and opens nothing.
int gw_open_path(const char *path);
/// The magic number of the file system behind a descriptor or path, or -errno.
int64_t gw_file_system_magic(int descriptor);
int64_t gw_nsfs_magic(void);
/// The inode of the calling thread's network namespace, or 0.
uint64_t gw_network_namespace_inode(void);
int gw_mount_bind(const char *source, const char *target);
int gw_make_shared_mount(const char *path);
int gw_unmount(const char *target);
/// An inotify instance that watches nothing yet.
int gw_inotify_create(void);
/// Watches for names that come to and go from a directory; harmless when it is watched already.
int gw_inotify_watch(int descriptor, const char *directory, bool contents);
/// Reads and discards what was noticed.
void gw_inotify_acknowledge(int descriptor);

/// A listening, non-blocking Unix stream socket at `path`, made with `mode`; @ begins the name of
/// one that has no file.
int gw_unix_listen(const char *path, unsigned mode);
int gw_unix_connect(const char *path);
int gw_accept(int descriptor);
int gw_peer_uid(int descriptor);
int gw_peer_pid(int descriptor);

/// A listening, non-blocking TCP socket, IPv6 without IPv4.
int gw_tcp_listen(const struct gw_address *address, uint16_t port);
/// A TCP connection whose connecting, sending and receiving wait at most so long each.
int gw_tcp_connect(const struct gw_address *address, uint16_t port, int milliseconds);
/// The address of ours that packets to another one leave from. 0 or -errno.
int gw_source_address(const struct gw_address *destination, struct gw_address *source);

/// Goes on in a process of its own, in a session of its own, and returns there the descriptor that
/// an octet is written to once it is ready; to be called while there is one thread. The process
/// that called waits for that octet and ends with 0, or with 1 when the other one ends before.
int gw_detach(void);
/// Has standard input, output and error lead nowhere. 0 or -errno.
int gw_close_standard_streams(void);
/// Has standard error lead where standard output leads. 0 or -errno.
int gw_join_standard_streams(void);

/// How many descriptors go with one message: the kernel's limit.
enum { GW_RIGHTS_MAXIMUM = 253 };

/// A file that only descriptors lead to; -errno otherwise.
int gw_memory_file(const char *name);
/// Passes descriptors over a Unix stream, waiting for room at most so long; 0 or -errno.
int gw_send_descriptors(int stream, const int *descriptors, int count, int milliseconds);
/// Takes what one such call has passed; how many, or -errno.
int gw_receive_descriptors(int stream, int *descriptors, int capacity, int milliseconds);

/// SCHED_FIFO for the calling thread; 0 for ordinary scheduling.
int gw_set_real_time_priority(int priority);
/// One processor for the calling thread; less than 0 for all.
int gw_set_affinity(int processor);
/// How nice the calling thread alone is.
int gw_set_niceness(int niceness);
int gw_lock_memory(void);
int gw_unlock_memory(void);

/// A gate that is closed, by a number; 0 when there is no memory for it.
uintptr_t gw_gate_create(void);
/// Opens it for good. Any thread.
void gw_gate_open(uintptr_t gate);
/// Waits until it is open; whether it is after so many milliseconds.
int gw_gate_wait(uintptr_t gate, int milliseconds);
void gw_gate_free(uintptr_t gate);

/// How many descriptors the process may have, and how many it may allow itself.
int gw_descriptor_limits(uint64_t *soft, uint64_t *hard);
/// Allows the process so many descriptors, up to the hard limit.
int gw_set_descriptor_limit(uint64_t soft);
/// Whether the process may have so much more memory at once. 0 or -errno.
int gw_check_memory(uint64_t byte_count);
/// Gives memory that is not in use back to the kernel.
void gw_release_memory(void);
/// Lets go of the pages of code and constants; those that are needed again come from the file.
void gw_release_code(void);
/// How many pages of code and constants the program itself has, in memory or not.
size_t gw_code_page_count(void);
/// Which of them are in memory, 1 or 0 each; 0 or -errno.
int gw_note_code(uint8_t *is_there, size_t count);
/// Lets go of all of them but those with a 1, locked or not.
void gw_release_code_but(const uint8_t *is_kept, size_t count);
/// Has every block from 128 KiB on in pages of its own, for good: they go back when it is freed,
/// and those never written to take no memory.
void gw_separate_large_memory(void);
int gw_set_timer_slack(unsigned long nanoseconds);
int gw_set_thread_name(const char *name);
/// An epoll instance that watches nothing.
int gw_epoll_create(void);
/// Waits for so many milliseconds, as programs with a loop of their own do.
int gw_epoll_sleep(int descriptor, int milliseconds);
/// Has the instance be readable while `member` is, or can be written; and no more.
int gw_epoll_insert(int descriptor, int member, bool is_for_writing);
int gw_epoll_remove(int descriptor, int member);

/// The capabilities of the calling thread, a bit each. 0 or -errno.
int gw_capabilities(uint64_t *permitted, uint64_t *effective);
/// Gives the calling thread these and no others, none of them inheritable. 0 or -errno.
int gw_set_capabilities(uint64_t permitted, uint64_t effective);
/// Takes all others out of what programs that this thread starts could ever have; goes on after a
/// refusal, and returns the first one.
int gw_limit_capabilities(uint64_t kept);
/// Has no program that this thread starts gain rights, for good. 0 or -errno.
int gw_renounce_new_privileges(void);
int gw_has_renounced_new_privileges(void);
/// Lifts the process's limit of locked memory. 0 or -errno.
int gw_unlimit_locked_memory(void);
/// Lets the process's threads have any real-time priority. 0 or -errno.
int gw_unlimit_real_time_priority(void);
/// Whether there is no limit of locked memory, for anybody.
int gw_is_locked_memory_unlimited(void);
/// Whether the calling thread can lock all memory without a later allocation failing for it.
int gw_may_lock_all_memory(void);

/// Sends one datagram to the Unix socket at a path, or at an abstract name that begins with @, with
/// a descriptor unless that is negative; waits for room at most so long. 0 or -errno.
int gw_notify(const char *path, const char *text, int passed, int milliseconds);

/// Has a descriptor be closed when another program is started; whether it is a socket.
int gw_adopt_socket(int descriptor);
/// Whether a descriptor is a socket as gw_udp_socket makes them, bound to a port of any address,
/// connected to nothing, that shares the port or does not.
int gw_is_receiver(int descriptor, int is_ipv6, uint16_t port, int is_sharing);
/// The inode of the network namespace that a socket is in, or -errno.
int64_t gw_socket_namespace_inode(int descriptor);

/// The text of an error number, NULL for one that does not exist; valid for ever.
const char *gw_errno_text(int number);
