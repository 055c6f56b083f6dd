// Watches the subject's routes from inside its network namespace, as any other program there could:
// a netlink socket that hears what the kernel announces. What is timed is
//
//     last packet ── detection time ──▶ Down ──▶ next hop out      (out; from Down: out_after_down)
//     the packet that makes it Up ─────────────▶ next hop back in  (back)
//
// A netlink message carries no stamp of the kernel's, so while one is expected the observer does
// nothing but look for it: it is read within a microsecond or two. But a real-time thread that
// looks for most of a second is taken off its core for 50 ms, in which the kernel's fair server
// runs what has waited there; so a message counts only if the look before it was a moment ago.
#include "observer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

// Looking begins so long before a detection time ends, and ends so long after a return.
static const int64_t lead = nanosecondsPerMillisecond;
static const int64_t patience = 50LL * nanosecondsPerMillisecond;
// A message that came between two looks further apart has come nobody knows when.
static const int64_t blink = 2LL * nanosecondsPerMillisecond;

enum { bufferBytes = 1 << 20, knownNextHops = 1 << 16, mostGateways = 512 };

struct known {
    uint32_t id, gateway;
};
static struct known known[knownNextHops];
static char buffer[bufferBytes];

struct gateways {
    uint32_t addresses[mostGateways];
    int count;
};

static void subscribe(int socket, int group) {
    if (setsockopt(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group)) {
        fail("NETLINK_ADD_MEMBERSHIP");
    }
}

void routesOpen(struct observer *observer) {
    int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int subject = open(observer->options.routesNamespace, O_RDONLY | O_CLOEXEC);
    if (own < 0 || subject < 0) fail(observer->options.routesNamespace);
    if (setns(subject, CLONE_NEWNET)) fail("setns");
    observer->routes = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (observer->routes < 0) fail("netlink socket");
    if (setns(own, CLONE_NEWNET)) fail("setns");
    close(own);
    close(subject);
    int bytes = 64 << 20;
    setsockopt(observer->routes, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    struct sockaddr_nl address = { .nl_family = AF_NETLINK };
    if (bind(observer->routes, (struct sockaddr *)&address, sizeof address)) fail("bind netlink");
    subscribe(observer->routes, RTNLGRP_IPV4_ROUTE);
    subscribe(observer->routes, RTNLGRP_NEXTHOP);
}

static void add(struct gateways *gateways, const struct rtattr *attribute) {
    if (gateways->count == mostGateways) return;
    gateways->addresses[gateways->count++] = ntohl(*(const uint32_t *)RTA_DATA(attribute));
}

static bool contains(const struct gateways *gateways, uint32_t address) {
    for (int index = 0; index < gateways->count; index++) {
        if (gateways->addresses[index] == address) return true;
    }
    return false;
}

/// What a group of next-hop objects leads to; false for a single one, which is only noted.
static bool readNextHop(const struct nlmsghdr *message, struct gateways *gateways) {
    const struct nhmsg *header = NLMSG_DATA(message);
    const struct rtattr *attribute = (const void *)(header + 1);
    int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof *header));
    uint32_t id = 0;
    bool isGroup = false;
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type == NHA_ID) id = *(const uint32_t *)RTA_DATA(attribute);
        if (attribute->rta_type == NHA_GATEWAY && header->nh_family == AF_INET) {
            known[id % knownNextHops] = (struct known){
                .id = id, .gateway = ntohl(*(const uint32_t *)RTA_DATA(attribute)) };
        }
        if (attribute->rta_type != NHA_GROUP) continue;
        isGroup = true;
        const struct nexthop_grp *entry = RTA_DATA(attribute);
        size_t count = RTA_PAYLOAD(attribute) / sizeof *entry;
        for (size_t index = 0; index < count && gateways->count < mostGateways; index++) {
            const struct known *found = &known[entry[index].id % knownNextHops];
            if (found->id == entry[index].id) {
                gateways->addresses[gateways->count++] = found->gateway;
            }
        }
    }
    return isGroup;
}

/// What a route with its own next hops leads to; false for one that leads to a group.
static bool readRoute(const struct nlmsghdr *message, struct gateways *gateways) {
    const struct rtmsg *header = NLMSG_DATA(message);
    const struct rtattr *attribute = RTM_RTA(header);
    int left = (int)RTM_PAYLOAD(message);
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type == RTA_NH_ID) return false;
        if (attribute->rta_type == RTA_GATEWAY) add(gateways, attribute);
        if (attribute->rta_type != RTA_MULTIPATH) continue;
        const struct rtnexthop *hop = RTA_DATA(attribute);
        int rest = (int)RTA_PAYLOAD(attribute);
        for (; rest >= (int)sizeof *hop && RTNH_OK(hop, rest);
             rest -= (int)RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
            const struct rtattr *inner = RTNH_DATA(hop);
            int innerLeft = hop->rtnh_len - (int)sizeof *hop;
            for (; RTA_OK(inner, innerLeft); inner = RTA_NEXT(inner, innerLeft)) {
                if (inner->rta_type == RTA_GATEWAY) add(gateways, inner);
            }
        }
    }
    return gateways->count > 0;
}

/// Whether the observer was looking when a message came that it reads now; counts those it missed.
static bool wasLooking(struct observer *observer, int64_t stamp) {
    int64_t apart = stamp - observer->routesLooked;
    if (apart <= blink) return true;
    if (observer->measuring) observer->routesUnseen++;
    if (apart > observer->routesLongestBlink) observer->routesLongestBlink = apart;
    return false;
}

static void settle(struct observer *observer, struct session *session) {
    if (!session->outStamp || !session->downStamp) return;
    if (observer->measuring && session->isOutSeen) {
        int64_t end = session->outSince + observer->options.interval * observer->options.multiplier;
        sampleAdd(&observer->out, session->outStamp - end);
        sampleAdd(&observer->outAfterDown, session->outStamp - session->downStamp);
    }
    session->awaitsOut = false;
}

void routesSilent(struct session *session, int64_t stamp) {
    session->awaitsOut = true;
    session->outSince = stamp;
    session->outStamp = session->downStamp = 0;
}

void routesDown(struct observer *observer, struct session *session, int64_t stamp) {
    session->downStamp = stamp;
    settle(observer, session);
}

/// A message says what a route or a group leads to. That of a next hop's own removal does not
/// count: the kernel sends it before it changes the groups.
static void follow(struct observer *observer, const struct gateways *gateways, int64_t stamp) {
    for (int index = 0; index < observer->options.sessions; index++) {
        struct session *session = &observer->sessions[index];
        if (!session->awaitsOut && !session->awaitsBack) continue;
        bool isIn = contains(gateways, observer->options.firstAddress + (uint32_t)index);
        if (session->awaitsOut && !session->outStamp && !isIn) {
            session->outStamp = stamp;
            session->isOutSeen = wasLooking(observer, stamp);
            settle(observer, session);
        } else if (session->awaitsBack && isIn) {
            session->awaitsBack = false;
            if (wasLooking(observer, stamp) && observer->measuring) {
                sampleAdd(&observer->back, stamp - session->raisedAt);
            }
        }
    }
}

static void receive(struct observer *observer, const struct nlmsghdr *message, int64_t stamp) {
    struct gateways gateways = { .count = 0 };
    bool isWhole = false;
    if (message->nlmsg_type == RTM_NEWNEXTHOP) isWhole = readNextHop(message, &gateways);
    if (message->nlmsg_type == RTM_NEWROUTE) isWhole = readRoute(message, &gateways);
    if (isWhole) follow(observer, &gateways, stamp);
}

void routesDrain(struct observer *observer) {
    for (;;) {
        ssize_t count = recv(observer->routes, buffer, sizeof buffer, 0);
        int64_t stamp = realtimeNow();
        if (count < 0) {
            if (errno == ENOBUFS) observer->routesLost++;
            else if (errno != EAGAIN && errno != EINTR) fail("recv netlink");
            if (errno != EAGAIN) continue;
            observer->routesLooked = stamp;
            return;
        }
        int left = (int)count;
        for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, (unsigned)left);
             message = NLMSG_NEXT(message, left)) {
            receive(observer, message, stamp);
        }
    }
}

bool routesAreExpected(struct observer *observer) {
    int64_t now = realtimeNow();
    int64_t detection = observer->options.interval * observer->options.multiplier;
    bool areExpected = false;
    for (int index = 0; index < observer->options.sessions; index++) {
        struct session *session = &observer->sessions[index];
        if (session->awaitsOut && now > session->outSince + detection - lead) areExpected = true;
        if (session->awaitsOut && now > session->outSince + detection + 100 * patience) {
            session->awaitsOut = false;
            observer->routesMissed++;
        }
        if (!session->awaitsBack) continue;
        if (now - session->raisedAt < patience) areExpected = true;
        if (now - session->raisedAt > 100 * patience) {
            session->awaitsBack = false;
            observer->routesMissed++;
        }
    }
    return areExpected;
}
