/// The live tail of a log: records by sequence in RocksDB, until they are sealed in a segment. Private to engine/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/record.h"
#include "engine/data/stream_position.h"

namespace shortlist::data {

/// Records that are written under one key, one behind the other.
struct TailBlock {
    std::string bytes;
    std::uint64_t records = 0;
};
/// Puts a record behind those of the last block, or in a new one once that has a megabyte.
void add_record(const Record& record, std::vector<TailBlock>& blocks);

/// Called for one record after the other; an error ends the reading.
using RecordVisit = std::function<Status(std::uint64_t sequence, const Record& record)>;

/// One thread may append while others read, sync and forget.
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
    enum class Durability {
        Synced,       ///< Returns when the records survive the loss of power.
        WithTheNext,  ///< They survive what is synced next, and until then the end of the process.
    };
    /// Writes the records behind the others, and where streams stand behind them, with one write: a crash leaves all of it or nothing. After
    /// one that failed, the next goes on as soon as the disk takes it. Errors: Unavailable (disk): then nothing of it is there.
    [[nodiscard]] Status append(std::span<const TailBlock> blocks, Durability durability = Durability::Synced,
                                std::span<const StreamPosition> positions = {});
    /// Where each stream stands, as last written.
    [[nodiscard]] Result<std::vector<StreamPosition>> positions() const;
    [[nodiscard]] Status sync();
    /// Lets go of the records before a sequence, but for what was written with the one of that sequence, or with the last one of all.
    [[nodiscard]] Status forget_before(std::uint64_t sequence);
    /// Lets go of the records before `first`, of which none is left but in number, and puts what `change` gives for a record in its place, also for
    /// those that were let go of and are still there, with one synced write; then writes every file anew, so that none holds what was there.
    /// Cost: reads and writes the whole tail.
    [[nodiscard]] Status rewrite(std::uint64_t first, const std::function<std::optional<Record>(const Record& record)>& change);
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
