/// Files of state: bytes that only the code that wrote them understands, with a digest. They are written beside what they replace, and
/// nothing of them is read before all of it is known to be what was written.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "engine/base/byte_stream.h"
#include "engine/base/result.h"

namespace shortlist::data {

using WriteState = std::function<void(base::ByteWriter&)>;
using ReadState = std::function<Status(base::ByteReader&)>;

/// Writes what `write` writes, synced, and puts it at `path` by one rename. Errors: Unavailable; then what was there is there still.
[[nodiscard]] Status save_state_file(const std::filesystem::path& path, const WriteState& write);

/// Checks the digest, then calls `read`, and returns its error. Cost: reads the file twice.
/// Errors: NotFound; FailedPrecondition (a newer format); DataLoss: damaged, or `read` took too much, or left something.
[[nodiscard]] Status load_state_file(const std::filesystem::path& path, const ReadState& read);

/// A file of state that stays open: parts of it can be read again, also when another has taken its place on the disk.
class OpenStateFile {
public:
    /// Opens the file and checks its digest. Errors: as load_state_file().
    [[nodiscard]] static Result<OpenStateFile> open(const std::filesystem::path& path);

    /// Calls `read`, and returns its error. One thread at a time. Errors: DataLoss where it took too much, or left something.
    [[nodiscard]] Status read(const ReadState& read) const;
    /// Fills `into` with what stands from `position` on, as ByteReader::position() gave it. Any thread. Errors: Unavailable, DataLoss.
    [[nodiscard]] Status read_at(std::uint64_t position, std::span<char> into) const;

private:
    using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;
    OpenStateFile(std::filesystem::path path, File file, std::uint64_t bytes) : path_(std::move(path)), file_(std::move(file)), bytes_(bytes) {}

    std::filesystem::path path_;
    File file_;
    std::uint64_t bytes_;  // of the state
};

/// 128 bits of what `write` writes, as 32 hex digits: equal for equal bytes (XXH3).
[[nodiscard]] std::string digest_of_state(const WriteState& write);

}  // namespace shortlist::data
