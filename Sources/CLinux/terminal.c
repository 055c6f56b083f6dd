#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

// The other screen, no cursor, no line breaks of the terminal's own; and back.
static const char enter[] = "\x1b[?1049h\x1b[?25l\x1b[?7l";
static const char leave[] = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

static struct termios before;
static volatile sig_atomic_t is_entered;
static volatile sig_atomic_t stop_count;

void gw_terminal_leave(void) {
    if (!is_entered) return;
    is_entered = 0;
    // Both calls may be made in a signal handler.
    ssize_t written = write(STDOUT_FILENO, leave, sizeof leave - 1);
    (void)written;
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void restore_and_die(int number) {
    gw_terminal_leave();
    // The handler is gone by SA_RESETHAND: this ends the process as the signal would have.
    raise(number);
}

static void note_resize(int number) {
    // Only there to interrupt a wait.
    (void)number;
}

static void note_stop(int number) {
    (void)number;
    stop_count++;
}

void gw_stop_on_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note_stop};
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        sigaction(numbers[index], &action, NULL);
    }
}

int gw_stop_count(void) {
    return stop_count;
}

int gw_terminal_enter(void) {
    static const int fatal[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
    if (tcgetattr(STDIN_FILENO, &before) < 0) return -errno;
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    // Ctrl-Z would leave the shell with this screen.
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    struct sigaction action = {
        .sa_handler = restore_and_die, .sa_flags = SA_RESETHAND | SA_NODEFER};
    for (size_t index = 0; index < sizeof fatal / sizeof *fatal; index++) {
        sigaction(fatal[index], &action, NULL);
    }
    struct sigaction resize = {.sa_handler = note_resize};
    sigaction(SIGWINCH, &resize, NULL);
    is_entered = 1;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0) {
        is_entered = 0;
        return -errno;
    }
    ssize_t written = write(STDOUT_FILENO, enter, sizeof enter - 1);
    (void)written;
    return 0;
}

int gw_terminal_size(int *rows, int *columns) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0) return -errno;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}
