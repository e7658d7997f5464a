//! How much of the heap is in use, as counted by the allocator.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns the number of bytes in use.
pub(super) fn in_use() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}

/// Returns the number of allocations so far.
pub(super) fn allocations() -> usize {
    let stats = HEAP.stats();
    stats.allocations + stats.reallocations
}
