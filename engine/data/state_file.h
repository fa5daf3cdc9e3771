/// Files of state: bytes that only the code that wrote them understands, with a digest. They are written beside what they replace, and
/// nothing of them is read before all of it is known to be what was written.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "engine/base/byte_stream.h"
#include "engine/base/result.h"

namespace shortlist::data {

using WriteState = std::function<void(base::ByteWriter&)>;

/// Writes what `write` writes, synced, and puts it at `path` by one rename. Errors: Unavailable; then what was there is there still.
[[nodiscard]] Status save_state_file(const std::filesystem::path& path, const WriteState& write);

/// Checks the digest, then calls `read`, and returns its error. Cost: reads the file twice.
/// Errors: NotFound; FailedPrecondition (a newer format); DataLoss: damaged, or `read` took too much, or left something.
[[nodiscard]] Status load_state_file(const std::filesystem::path& path, const std::function<Status(base::ByteReader&)>& read);

/// 128 bits of what `write` writes, as 32 hex digits: equal for equal bytes (XXH3).
[[nodiscard]] std::string digest_of_state(const WriteState& write);

}  // namespace shortlist::data
