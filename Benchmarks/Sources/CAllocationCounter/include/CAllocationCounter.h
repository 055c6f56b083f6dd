#pragma once

#include <stdint.h>

// Counts allocations by standing in for malloc and its kin: linked into a program, or given to one
// as LD_PRELOAD. In the second case the counts of each thread stand in a file that is named by
// GATEWATCH_ALLOCATIONS, for whoever looks on: pairs of 64-bit numbers, thread id and allocations.

/// Starts counting what the calling thread allocates, and has callgrind collect, if it is there.
void counter_start(void);
/// Ends both. How many allocations there were since the start.
uint64_t counter_stop(void);
