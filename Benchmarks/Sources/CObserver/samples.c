#include "observer.h"

#include <math.h>
#include <stdlib.h>

// The last bin takes what is longer still.
void gapRecord(struct gaps *gaps, int64_t gap, int64_t interval) {
    int64_t late = gap - interval, early = interval * 3 / 4 - gap;
    gaps->count++;
    if (late > 0) gaps->over++;
    if (late > 50 * nanosecondsPerMicrosecond) gaps->overTolerance++;
    if (early > 0) gaps->under++;
    if (early > 50 * nanosecondsPerMicrosecond) gaps->underTolerance++;
    if (gap > gaps->longest) gaps->longest = gap;
    int64_t ratio = gap * ratioScale / interval;
    gaps->ratio[ratio < 0 ? 0 : ratio < ratioBins ? ratio : ratioBins]++;
    int64_t lateness = late > 0 ? late / nanosecondsPerMicrosecond : 0;
    gaps->lateness[lateness < latenessBins ? lateness : latenessBins]++;
}

double gapDistance(const struct gaps *gaps) {
    double distance = 0;
    int64_t below = 0;
    for (int bin = 0; bin <= ratioBins && gaps->count; bin++) {
        below += gaps->ratio[bin];
        double uniform = ((bin + 1.0) / ratioScale - 0.75) / 0.25;
        uniform = uniform < 0 ? 0 : uniform > 1 ? 1 : uniform;
        double apart = fabs((double)below / (double)gaps->count - uniform);
        if (apart > distance) distance = apart;
    }
    return distance;
}

enum { mostSamples = 4 << 20 };

// Beyond the most, further samples are not kept: what is asked of them is percentiles.
void sampleAdd(struct samples *samples, int64_t value) {
    if (samples->count == samples->capacity) {
        if (samples->capacity >= mostSamples) return;
        samples->capacity = samples->capacity ? samples->capacity * 2 : 4096;
        samples->values = realloc(samples->values,
                                  (size_t)samples->capacity * sizeof *samples->values);
        if (!samples->values) fail("realloc");
    }
    samples->values[samples->count++] = value;
}
