#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/// Waits until the other process is ready, or has ended.
static _Noreturn void wait_for(pid_t child, int ready) {
    char octet;
    ssize_t count;
    do {
        count = read(ready, &octet, 1);
    } while (count < 0 && errno == EINTR);
    if (count == 1) _exit(octet);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    _exit(code == 0 ? 1 : code);
}

/// Lets go of descriptors that the caller has left to us: whoever waits for their end would wait
/// for ours. What we opened ourselves is known by being closed for other programs.
static void close_inherited(void) {
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) return;
    int own = dirfd(folder);
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        int descriptor = atoi(entry->d_name);
        if (descriptor <= STDERR_FILENO || descriptor == own) continue;
        int flags = fcntl(descriptor, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC)) close(descriptor);
    }
    closedir(folder);
}

int gw_detach(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    pid_t child = fork();
    if (child < 0) {
        int result = -errno;
        close(ends[0]);
        close(ends[1]);
        return result;
    }
    if (child > 0) {
        close(ends[1]);
        wait_for(child, ends[0]);
    }
    close(ends[0]);
    // Only the leader of a group may not do this, and a new process leads none.
    setsid();
    close_inherited();
    return ends[1];
}

int gw_close_standard_streams(void) {
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0) return -errno;
    int result = 0;
    for (int stream = 0; stream <= 2; stream++) {
        if (dup2(nowhere, stream) < 0) result = -errno;
    }
    close(nowhere);
    return result;
}

int gw_join_standard_streams(void) {
    return dup2(STDOUT_FILENO, STDERR_FILENO) < 0 ? -errno : 0;
}
