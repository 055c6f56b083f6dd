#include "measure.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// schedstat counts nanoseconds on a core, softirq work done meanwhile included; utime and stime of
// stat are the same time in ticks.
static void addTask(const char *directory, const char *task, struct usage *usage) {
    char path[256];
    long long cpu = 0, waited = 0, slices = 0;
    snprintf(path, sizeof path, "%s/%s/schedstat", directory, task);
    FILE *file = fopen(path, "r");
    if (!file) return;
    if (fscanf(file, "%lld %lld %lld", &cpu, &waited, &slices) == 3) {
        usage->cpuNanoseconds += cpu;
        usage->switches += slices;
        usage->threads++;
    }
    fclose(file);
}

static int64_t residentOf(int pid) {
    char path[64], line[256];
    long long resident = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "VmRSS: %lld", &resident) == 1) break;
    }
    fclose(file);
    return resident;
}

// Processes are named by number in /proc; a kernel thread's name stands in `comm`.
static int processNamed(const char *wanted) {
    DIR *processes = opendir("/proc");
    if (!processes) return 0;
    int found = 0;
    struct dirent *entry;
    while (!found && (entry = readdir(processes))) {
        char path[300], name[64] = "";
        int pid = atoi(entry->d_name);
        if (pid <= 0) continue;
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        if (fgets(name, sizeof name, file)) {
            name[strcspn(name, "\n")] = 0;
            if (!strcmp(name, wanted)) found = pid;
        }
        fclose(file);
    }
    closedir(processes);
    return found;
}

struct usage usageOf(int pid, int core) {
    struct usage usage = { 0 };
    char path[64], name[32];
    snprintf(name, sizeof name, "ksoftirqd/%d", core);
    snprintf(path, sizeof path, "/proc/%d", processNamed(name));
    struct usage softirq = { 0 };
    addTask(path, ".", &softirq);
    usage.softirqNanoseconds = softirq.cpuNanoseconds;
    if (pid <= 0) return usage;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks) return usage;
    struct dirent *entry;
    while ((entry = readdir(tasks))) {
        if (entry->d_name[0] != '.') addTask(path, entry->d_name, &usage);
    }
    closedir(tasks);
    usage.residentKiB = residentOf(pid);
    return usage;
}

static int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

void sortSamples(int64_t *samples, int count) {
    qsort(samples, (size_t)count, sizeof *samples, ascending);
}

int64_t percentile(const int64_t *sorted, int count, double fraction) {
    if (count == 0) return 0;
    int index = (int)(fraction * count);
    return sorted[index < count ? index : count - 1];
}
