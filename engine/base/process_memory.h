/// What memory this process takes, as the system counts it.
#pragma once

#include <cstdint>

namespace shortlist::base {

/// Resident memory now, in bytes; 0 where the system does not say.
[[nodiscard]] std::uint64_t resident_memory_bytes();
/// The most that was resident so far, in bytes.
[[nodiscard]] std::uint64_t peak_memory_bytes();

}  // namespace shortlist::base
