#include "CLinux.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

int gw_notify(const char *path, const char *text) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length < 2 || length >= sizeof name.sun_path) return -EINVAL;
    memcpy(name.sun_path, path, length);
    // An abstract name begins with a zero octet, which is written as @.
    if (path[0] == '@') name.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (struct sockaddr *)&name, size);
    int result = sent < 0 ? -errno : 0;
    close(descriptor);
    return result;
}
