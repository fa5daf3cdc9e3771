/// What memory this process takes, as the system counts it.
#pragma once

#include <cstdint>

namespace shortlist::base {

/// Resident memory now, in bytes; 0 where the system does not say.
[[nodiscard]] std::uint64_t resident_memory_bytes();
/// The most that was resident so far, in bytes.
[[nodiscard]] std::uint64_t peak_memory_bytes();
/// Gives what was freed back to the system, where the allocator of the C library would keep it: each thread's for that thread. Others who allocate
/// wait for it. Cost: milliseconds for a heap of hundreds of megabytes.
void release_freed_memory() noexcept;

}  // namespace shortlist::base
