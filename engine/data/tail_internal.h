/// The live tail of a log: records by sequence in RocksDB. Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/base/result.h"
#include "engine/data/record.h"

namespace shortlist::data {

/// A record ready to be written: its bytes, and the id of its event where it is one.
struct TailEntry {
    std::string bytes;
    std::optional<EventId> id;
};

/// One thread may append while others read.
class Tail {
public:
    enum class Access { Read, Write };
    /// Opens the tail in the project's log folder. With Access::Read and no tail there, an empty one. Errors: Unavailable, DataLoss.
    [[nodiscard]] static Result<Tail> open(const std::filesystem::path& project_folder, Access access);
    Tail(Tail&&) noexcept;
    Tail& operator=(Tail&&) noexcept;
    ~Tail();

    [[nodiscard]] std::uint64_t size() const noexcept;
    /// Sequence of the event with this id.
    [[nodiscard]] Result<std::optional<std::uint64_t>> find(EventId id) const;
    enum class Durability {
        Synced,       ///< Returns when the entries survive the loss of power.
        WithTheNext,  ///< They survive what is synced next, and until then the end of the process.
    };
    /// Writes the entries behind the others with one write.
    [[nodiscard]] Status append(std::span<const TailEntry> entries, Durability durability = Durability::Synced);
    [[nodiscard]] Status sync();
    [[nodiscard]] Status read(std::uint64_t from, const std::function<Status(std::uint64_t sequence, const Record& record)>& visit) const;

private:
    struct State;
    explicit Tail(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::data
