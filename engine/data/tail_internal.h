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
#include <vector>

#include "engine/base/result.h"
#include "engine/data/record.h"
#include "engine/data/stream_position.h"

namespace shortlist::data {

/// A record ready to be written: its bytes, and the id of its event where it is one.
struct TailEntry {
    std::string bytes;
    std::optional<EventId> id;
};

/// Called for one record after the other; an error ends the reading.
using RecordVisit = std::function<Status(std::uint64_t sequence, const Record& record)>;

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
    /// Writes the entries behind the others, and where streams stand behind them, with one write: a crash leaves all of it or nothing.
    [[nodiscard]] Status append(std::span<const TailEntry> entries, Durability durability = Durability::Synced,
                                std::span<const StreamPosition> positions = {});
    /// Where each stream stands, as last written.
    [[nodiscard]] Result<std::vector<StreamPosition>> positions() const;
    [[nodiscard]] Status sync();
    /// Lets go of the records before a sequence, but for the last one of all. Their ids stay known.
    [[nodiscard]] Status forget_before(std::uint64_t sequence);
    /// Puts other bytes in the place of records, and lets go of ids, with one synced write; then writes every file anew, so that none holds
    /// what was there. Cost: reads and writes the whole tail.
    [[nodiscard]] Status rewrite(std::span<const std::pair<std::uint64_t, std::string>> records, std::span<const EventId> ids);
    /// Records by sequence: [begin, end).
    struct Range {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };
    /// Calls `visit` for the records of one class in the range, in order. Errors: those of `visit`; DataLoss; NotFound where the first of
    /// the range were forgotten.
    [[nodiscard]] Status read(Range range, RecordClass wanted, const RecordVisit& visit) const;

private:
    struct State;
    explicit Tail(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::data
