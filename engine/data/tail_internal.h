/// The live tail of a log: records by sequence in RocksDB, until they are sealed in a segment. Private to engine/data.
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

    /// One past the sequence of the last record.
    [[nodiscard]] std::uint64_t end() const noexcept;
    /// Numbers the next record so at least: a tail that was lost does not give the numbers of sealed records away again.
    void begin_at(std::uint64_t sequence) noexcept;
    /// Sequence of the event with this id.
    [[nodiscard]] Result<std::optional<std::uint64_t>> find(EventId id) const;
    enum class Durability {
        Synced,       ///< Returns when the entries survive the loss of power.
        WithTheNext,  ///< They survive what is synced next, and until then the end of the process.
    };
    /// Writes the entries behind the others with one write.
    [[nodiscard]] Status append(std::span<const TailEntry> entries, Durability durability = Durability::Synced);
    [[nodiscard]] Status sync();
    /// Lets go of the records before a sequence, but for the last one of all. Their ids stay known.
    [[nodiscard]] Status forget_before(std::uint64_t sequence);
    /// Calls `visit` for the records with sequences in [from, to), in order. Errors: those of `visit`; DataLoss; NotFound where the first of
    /// them were forgotten.
    [[nodiscard]] Status read(std::uint64_t from, std::uint64_t to,
                              const std::function<Status(std::uint64_t sequence, const Record& record)>& visit) const;

private:
    struct State;
    explicit Tail(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::data
