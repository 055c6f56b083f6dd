#include "observer.h"

#include <stdio.h>

static const double fractions[] = { 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999,
                                    0.9999, 1 };
static const int fractionCount = sizeof fractions / sizeof *fractions;

static void printSamples(const char *name, struct samples *samples) {
    sortSamples(samples->values, samples->count);
    printf(",\"%s\":{\"count\":%d,\"unit\":\"us\"", name, samples->count);
    int64_t least = samples->count ? samples->values[0] : 0;
    printf(",\"min\":%.1f", (double)least / nanosecondsPerMicrosecond);
    for (int index = 0; index < fractionCount; index++) {
        int64_t value = percentile(samples->values, samples->count, fractions[index]);
        printf(",\"p%g\":%.1f", fractions[index] * 100,
               (double)value / nanosecondsPerMicrosecond);
    }
    printf("}");
}

static int64_t binAt(const int64_t *bins, int count, int64_t total, double fraction) {
    int64_t below = 0;
    for (int bin = 0; bin < count; bin++) {
        below += bins[bin];
        if (below > 0 && (double)below >= fraction * (double)total) return bin;
    }
    return count - 1;
}

static void printGaps(const struct gaps *gaps) {
    printf(",\"gaps\":{\"count\":%lld,\"over\":%lld,\"over_50us\":%lld,\"under\":%lld"
           ",\"under_50us\":%lld,\"longest_us\":%.1f,\"ks\":%.4f,\"percent_of_interval\":{",
           (long long)gaps->count, (long long)gaps->over, (long long)gaps->overTolerance,
           (long long)gaps->under, (long long)gaps->underTolerance,
           (double)gaps->longest / nanosecondsPerMicrosecond, gapDistance(gaps));
    for (int index = 0; index < fractionCount; index++) {
        int64_t bin = binAt(gaps->ratio, ratioBins + 1, gaps->count, fractions[index]);
        printf("%s\"p%g\":%.2f", index ? "," : "", fractions[index] * 100,
               (double)bin * 100 / ratioScale);
    }
    printf("},\"histogram_percent\":[");
    for (int percent = 0; percent < 200; percent++) {
        int64_t count = 0;
        for (int bin = percent * 100; bin < percent * 100 + 100; bin++) count += gaps->ratio[bin];
        printf("%s%lld", percent ? "," : "", (long long)count);
    }
    printf("],\"late_us\":{");
    for (int index = 4; index < fractionCount; index++) {
        int64_t bin = binAt(gaps->lateness, latenessBins + 1, gaps->count, fractions[index]);
        printf("%s\"p%g\":%lld", index > 4 ? "," : "", fractions[index] * 100, (long long)bin);
    }
    printf("}}");
}

static void printUsage(const struct usage *before, const struct usage *after, double seconds,
                       int64_t packets) {
    double cpu = (double)(after->cpuNanoseconds - before->cpuNanoseconds);
    double softirq = (double)(after->softirqNanoseconds - before->softirqNanoseconds);
    double each = packets ? 1.0 / (double)packets / nanosecondsPerMicrosecond : 0;
    printf(",\"cpu\":{\"seconds\":%.4f,\"percent\":%.2f,\"us_per_packet\":%.3f"
           ",\"softirq_us_per_packet\":%.3f,\"slices_per_packet\":%.3f,\"threads\":%d}"
           ",\"rss_kib\":%lld",
           cpu / nanosecondsPerSecond, cpu / nanosecondsPerSecond / seconds * 100, cpu * each,
           softirq * each,
           packets ? (double)(after->switches - before->switches) / (double)packets : 0,
           after->threads, (long long)after->residentKiB);
}

static double secondsOf(int64_t nanoseconds) {
    return nanoseconds ? (double)nanoseconds / nanosecondsPerSecond : -1;
}

void reportResult(struct observer *observer, const struct usage *before,
                  const struct usage *after, int64_t elapsed, const struct counters *start) {
    const struct options *options = &observer->options;
    const struct counters *total = &observer->total;
    double seconds = (double)elapsed / nanosecondsPerSecond;
    int64_t sent = total->sent - start->sent, received = total->received - start->received;
    printf("{\"event\":\"result\",\"sessions\":%d,\"interval_us\":%lld,\"multiplier\":%d"
           ",\"seconds\":%.3f,\"up\":%d,\"all_up_seconds\":%.4f,\"half_up_seconds\":%.4f",
           options->sessions, (long long)(options->interval / nanosecondsPerMicrosecond),
           options->multiplier, seconds, observer->up, secondsOf(observer->allUpAfter),
           secondsOf(observer->halfUpAfter));
    printf(",\"sent\":%lld,\"received\":%lld,\"polls\":%lld,\"finals\":%lld,\"junk\":%lld"
           ",\"strange\":%lld,\"flaps\":%lld,\"flaps_before\":%lld,\"flap_diagnostics\":{",
           (long long)sent, (long long)received, (long long)(total->polls - start->polls),
           (long long)(total->finals - start->finals), (long long)total->junk,
           (long long)total->strange, (long long)(total->flaps - start->flaps),
           (long long)start->flaps);
    const char *separator = "";
    for (int diagnostic = 0; diagnostic < 32; diagnostic++) {
        int64_t count = total->diagnostics[diagnostic] - start->diagnostics[diagnostic];
        if (count == 0) continue;
        printf("%s\"%d\":%lld", separator, diagnostic, (long long)count);
        separator = ",";
    }
    printf("}");
    printUsage(before, after, seconds, sent + received);
    printGaps(&observer->gaps);
    if (options->silences) {
        printSamples("overshoot", &observer->overshoot);
        printf(",\"missed\":%d", observer->missed);
    }
    if (options->routesNamespace) {
        printSamples("out", &observer->out);
        printSamples("out_after_down", &observer->outAfterDown);
        printSamples("back", &observer->back);
        printf(",\"routes_missed\":%d,\"routes_lost\":%d,\"routes_unseen\":%d"
               ",\"routes_longest_blink_us\":%.1f",
               observer->routesMissed, observer->routesLost, observer->routesUnseen,
               (double)observer->routesLongestBlink / nanosecondsPerMicrosecond);
    }
    printSamples("observer_late", &observer->lateness);
    printf(",\"observer_longest_gap_us\":%.1f,\"ring_drops\":%lld}\n",
           (double)observer->longestOwnGap / nanosecondsPerMicrosecond,
           (long long)observer->ringDrops);
    fflush(stdout);
}
