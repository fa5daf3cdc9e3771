#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/text.h"
#include "engine/data/files_internal.h"
#include "engine/data/history_internal.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

namespace {

/// Keys begin with a letter for what they are: 'c' how far a stream was consumed, by partition and topic; and behind those 'r' a block of
/// records by the sequence of the first. Big-endian, so that order is kept. Before blocks there were 'i', a sequence by event id.
constexpr char kRecordKey = 'r';
constexpr char kPositionKey = 'c';
constexpr char kFormerIdKey = 'i';
/// A block is this byte, which is the version of no record, and for each record its length in 4 bytes and its bytes. A value that begins
/// otherwise is one record: so the tail was before blocks.
constexpr char kBlock = '\x80';
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
using Length = std::uint32_t;
/// What is written gathers in memory up to here, twice at most, before it goes into a file: with RocksDB's own 64 MiB a busy server grew by 40 %
/// in its first minute.
constexpr std::size_t kWriteBufferBytes = std::size_t{4} << 20;
/// Between two tries to open a database again: on a full disk each reads the whole log and writes until there is no room.
constexpr double kRetrySeconds = 1;

void put_big_endian(std::uint64_t value, std::string& out) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 255U);
}

std::uint64_t take_big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
    return value;
}

std::string record_key(std::uint64_t sequence) {
    std::string key(1, kRecordKey);
    put_big_endian(sequence, key);
    return key;
}

std::uint64_t sequence_of(const rocksdb::Slice& record_key) { return take_big_endian(record_key.ToStringView().substr(1)); }

/// Takes the records of a value off its front.
class BlockReader {
public:
    explicit BlockReader(const rocksdb::Slice& value) : rest_(value.ToStringView()), is_block_(rest_.starts_with(kBlock)) {
        if (is_block_) rest_.remove_prefix(1);
    }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    /// The next record's bytes; all that are left where they end before the record does, which decode_record() then refuses.
    std::string_view next() noexcept {
        Length length = 0;
        if (!is_block_ || rest_.size() < sizeof length) return std::exchange(rest_, {});
        std::memcpy(&length, rest_.data(), sizeof length);
        rest_.remove_prefix(sizeof length);
        const std::string_view record = rest_.substr(0, length);
        rest_.remove_prefix(record.size());
        return record;
    }

private:
    std::string_view rest_;
    bool is_block_;
};

std::uint64_t records_in(const rocksdb::Slice& value) {
    std::uint64_t records = 0;
    for (BlockReader block(value); !block.at_end(); block.next()) ++records;
    return records;
}

/// Behind the records of `block`; `write` appends the bytes.
template <class Write>
void add_to_block(std::string& block, Write write) {
    const std::size_t at = block.size();
    block.append(sizeof(Length), '\0');
    write(block);
    const auto length = static_cast<Length>(block.size() - at - sizeof(Length));
    std::memcpy(block.data() + at, &length, sizeof length);
}

bool is_record(const rocksdb::Iterator& at) { return at.Valid() && at.key().starts_with(rocksdb::Slice(&kRecordKey, 1)); }

std::string position_key(const StreamPosition& position) {
    std::string key(1, kPositionKey);
    put_big_endian(static_cast<std::uint64_t>(position.partition), key);
    return key + position.topic;
}

void put_position(const StreamPosition& position, rocksdb::WriteBatch& batch) {
    std::string value;
    put_big_endian(static_cast<std::uint64_t>(position.next), value);
    put_big_endian(static_cast<std::uint64_t>(position.newest), value);
    batch.Put(position_key(position), value);
}

Error rocks_error(const rocksdb::Status& status, const std::string& path) {
    const std::string message = path + ": " + base::printable(status.ToString(), 300);
    return status.IsCorruption() ? base::data_loss(message) : base::unavailable(message);
}

/// RocksDB's log of its own doings would be a file, of which it aborts the process once a write to it failed, as on a full disk.
class Silence final : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
};

rocksdb::Options options_for_tail() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = kWriteBufferBytes;
    options.compression = rocksdb::kNoCompression;  // who looks for an id in its files finds it there, or knows that it is gone
    rocksdb::BlockBasedTableOptions files;
    files.no_block_cache = true;  // what is read is read once
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(files));
    options.max_total_wal_size = std::uint64_t{256} << 20;
    options.info_log = std::make_shared<Silence>();
    // A write that was cut off at the end of its file was not acknowledged; what is damaged elsewhere was, and is an error.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    return options;
}

/// The file that says which manifest is in force; it is there once a database was written.
std::filesystem::path manifest_name_in(const std::string& path) { return std::filesystem::path(path) / "CURRENT"; }

/// What changes whenever the writer puts files in force or lets some go: the name of the manifest, and how far that is written.
std::string stamp_of(const std::string& path) {
    constexpr std::size_t kNameBytes = 1024;
    const std::string name = read_file(manifest_name_in(path), kNameBytes).value_or("");
    std::error_code code;
    const auto bytes = std::filesystem::file_size(std::filesystem::path(path) / name.substr(0, name.find('\n')), code);
    return name + std::to_string(bytes);
}

/// Opens for reading what a writer may be at work on. Between our reading its manifest and the write-ahead logs of that time, the writer may have
/// put one log's records in a file and deleted it: RocksDB takes the logs that it finds, and those records would be missing. Nothing is deleted
/// before the manifest says so: where that stands as it stood before, nothing was missing.
Result<std::unique_ptr<rocksdb::DB>> open_beside_writer(const std::string& path) {
    constexpr int kAttempts = 1000;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const std::string before = stamp_of(path);
        rocksdb::DB* db = nullptr;
        const auto opened = rocksdb::DB::OpenForReadOnly(options_for_tail(), path, &db);
        std::unique_ptr<rocksdb::DB> owned(db);
        if (stamp_of(path) != before) continue;
        if (!opened.ok()) return rocks_error(opened, path);
        return owned;
    }
    return base::unavailable(path + ": its writer changed it all the while; try again");
}

}  // namespace

void add_record(const Record& record, std::vector<TailBlock>& blocks) {
    if (blocks.empty() || blocks.back().bytes.size() >= kBlockBytes) blocks.push_back({std::string(1, kBlock), 0});
    add_to_block(blocks.back().bytes, [&record](std::string& out) { encode_record(record, out); });
    ++blocks.back().records;
}

/// After a write that failed RocksDB takes no more, and what it wrote of this one may be whole in its log. So the database is opened again before the
/// next write, which may fail, too, while there is no room; and what failed is taken back, for somebody was told that it is not there.
struct Tail::State {
    std::unique_ptr<rocksdb::DB> db;  ///< Null: nothing was ever written, or it could not be opened again yet.
    std::string path;
    std::atomic<std::uint64_t> end = 0;
    std::mutex writing = {};  ///< Held by who writes, for nobody may touch a log in which a write failed. Taken before `opening`.
    std::shared_mutex opening = {};  ///< Exclusive while `db` is another; shared by who reads.
    std::optional<Error> failed = {};  ///< Why the last write failed. Requires `writing`, as the two below.
    rocksdb::WriteBatch undo;
    double retry_at = 0;

    /// Requires `writing`.
    Status write(rocksdb::WriteBatch& batch, Durability durability) {
        rocksdb::WriteOptions options;
        options.sync = durability == Durability::Synced;
        return result_of(db->Write(options, &batch));
    }

    /// Requires `writing`.
    Status result_of(const rocksdb::Status& status) {
        if (status.ok()) return {};
        failed = rocks_error(status, path);
        return *failed;
    }

    /// Requires `writing`.
    Status make_usable() {
        if (!failed) return {};
        const double now = base::monotonic_seconds();
        if (now < retry_at) return *failed;
        retry_at = now + kRetrySeconds;
        const std::unique_lock lock(opening);
        db.reset();
        rocksdb::DB* opened = nullptr;
        SHORTLIST_TRY(result_of(rocksdb::DB::Open(options_for_tail(), path, &opened)));
        db.reset(opened);
        SHORTLIST_TRY(write(undo, Durability::Synced));
        failed.reset();
        undo.Clear();
        retry_at = 0;
        return {};
    }

    /// What takes back a write of these positions, and of records from `end` on. Requires `writing`; before anything else is written.
    void prepare_undo(std::span<const StreamPosition> positions) {
        undo.Clear();
        for (const auto& position : positions) {
            std::string former;
            const bool is_new = db->Get(rocksdb::ReadOptions(), position_key(position), &former).IsNotFound();
            is_new ? undo.Delete(position_key(position)) : undo.Put(position_key(position), former);
        }
        undo.DeleteRange(record_key(end), record_key(~std::uint64_t{0}));
    }

    [[nodiscard]] Error closed() const { return base::unavailable(path + ": closed since a write failed; the next one opens it again"); }

    Status find_end() {
        const std::unique_ptr<rocksdb::Iterator> last(db->NewIterator(rocksdb::ReadOptions()));
        last->SeekForPrev(record_key(~std::uint64_t{0}));
        if (!last->status().ok()) return rocks_error(last->status(), path);
        if (is_record(*last)) end = sequence_of(last->key()) + records_in(last->value());
        return {};
    }

    /// At the block that the record is in, if there is one that begins no later.
    [[nodiscard]] std::unique_ptr<rocksdb::Iterator> block_of(std::uint64_t sequence) const {
        std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(rocksdb::ReadOptions()));
        at->SeekForPrev(record_key(sequence));
        if (!is_record(*at)) at->Seek(record_key(sequence));
        return at;
    }

    [[nodiscard]] Result<Record> decode(std::string_view bytes, std::uint64_t sequence) const {
        auto record = decode_record(bytes);
        if (!record) return record.error().in(path + ", record " + std::to_string(sequence));
        return record;
    }

    /// The records of one block that are left, which then are fewer.
    Status visit_block(const rocksdb::Iterator& at, Range& left, RecordClass wanted, const RecordVisit& visit) const {
        std::uint64_t sequence = sequence_of(at.key());
        for (BlockReader block(at.value()); !block.at_end() && sequence < left.end; ++sequence) {
            const std::string_view bytes = block.next();
            if (sequence < left.begin) continue;
            ++left.begin;
            if (class_of_record(bytes) != wanted) continue;
            SHORTLIST_ASSIGN(const auto record, decode(bytes, sequence));
            SHORTLIST_TRY(visit(sequence, record));
        }
        return {};
    }

    /// Deletes the blocks before the one that has the record of `sequence`, or before the last; returns that one.
    Result<std::unique_ptr<rocksdb::Iterator>> let_go(std::uint64_t sequence, rocksdb::WriteBatch& batch) const {
        auto kept = block_of(end == 0 ? 0 : std::min(sequence, end - 1));
        if (!kept->status().ok()) return rocks_error(kept->status(), path);
        if (is_record(*kept)) batch.DeleteRange(record_key(0), kept->key());
        return kept;
    }

    Status drop_former_ids() {
        const std::string first(1, kFormerIdKey);
        const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(rocksdb::ReadOptions()));
        at->Seek(first);
        if (!at->status().ok()) return rocks_error(at->status(), path);
        if (!at->Valid() || !at->key().starts_with(first)) return {};
        rocksdb::WriteBatch batch;
        batch.DeleteRange(first, std::string(1, kFormerIdKey + 1));
        return write(batch, Durability::WithTheNext);
    }
};

Result<Tail> Tail::open(const std::filesystem::path& project_folder, Access access) {
    auto state = std::make_unique<State>();
    state->path = (log_folder(project_folder) / "tail").string();
    if (access == Access::Write) {
        rocksdb::DB* db = nullptr;
        if (const auto status = rocksdb::DB::Open(options_for_tail(), state->path, &db); !status.ok()) return rocks_error(status, state->path);
        state->db.reset(db);
    } else if (std::filesystem::exists(manifest_name_in(state->path))) {
        SHORTLIST_ASSIGN(state->db, open_beside_writer(state->path));
    }
    if (state->db) SHORTLIST_TRY(state->find_end());
    if (access == Access::Write) SHORTLIST_TRY(state->drop_former_ids());
    return Tail(std::move(state));
}

Tail::Tail(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tail::Tail(Tail&&) noexcept = default;
Tail& Tail::operator=(Tail&&) noexcept = default;
Tail::~Tail() = default;

std::uint64_t Tail::end() const noexcept { return state_->end.load(); }

void Tail::begin_at(std::uint64_t sequence) noexcept { state_->end = std::max(state_->end.load(), sequence); }

Status Tail::append(std::span<const TailBlock> blocks, Durability durability, std::span<const StreamPosition> positions) {
    const std::lock_guard writing(state_->writing);
    SHORTLIST_TRY(state_->make_usable());
    rocksdb::WriteBatch batch;
    for (const auto& position : positions) put_position(position, batch);
    std::uint64_t sequence = state_->end;
    for (const auto& block : blocks) {
        batch.Put(record_key(sequence), block.bytes);
        sequence += block.records;
    }
    if (auto written = state_->write(batch, durability); !written) {
        state_->prepare_undo(positions);
        return written;
    }
    state_->end = sequence;
    return {};
}

Result<std::vector<StreamPosition>> Tail::positions() const {
    constexpr std::size_t kNumber = 8;
    std::vector<StreamPosition> positions;
    const std::shared_lock opening(state_->opening);
    if (!state_->db) return end() == 0 ? Result<std::vector<StreamPosition>>(positions) : state_->closed();
    const std::unique_ptr<rocksdb::Iterator> found(state_->db->NewIterator(rocksdb::ReadOptions()));
    for (found->Seek(std::string(1, kPositionKey)); found->Valid() && found->key()[0] == kPositionKey; found->Next()) {
        const std::string_view key = found->key().ToStringView().substr(1);
        const std::string_view value = found->value().ToStringView();
        if (key.size() < kNumber || value.size() != 2 * kNumber) return base::data_loss(state_->path + ": a stream's position is not one");
        positions.push_back({std::string(key.substr(kNumber)), static_cast<std::int32_t>(take_big_endian(key.substr(0, kNumber))),
                             static_cast<std::int64_t>(take_big_endian(value.substr(0, kNumber))),
                             static_cast<TimeUs>(take_big_endian(value.substr(kNumber)))});
    }
    if (!found->status().ok()) return rocks_error(found->status(), state_->path);
    return positions;
}

Status Tail::sync() {
    const std::lock_guard writing(state_->writing);
    SHORTLIST_TRY(state_->make_usable());
    return state_->result_of(state_->db->SyncWAL());
}

Status Tail::forget_before(std::uint64_t sequence) {
    if (end() == 0) return {};
    const std::lock_guard writing(state_->writing);
    SHORTLIST_TRY(state_->make_usable());
    rocksdb::WriteBatch batch;
    SHORTLIST_TRY(state_->let_go(sequence, batch));
    return state_->write(batch, Durability::WithTheNext);
}

Status Tail::rewrite(std::uint64_t first, const std::function<std::optional<Record>(const Record& record)>& change) {
    const std::lock_guard writing(state_->writing);
    SHORTLIST_TRY(state_->make_usable());
    rocksdb::WriteBatch batch;
    SHORTLIST_ASSIGN(const auto at, state_->let_go(first, batch));
    for (; is_record(*at); at->Next()) {
        std::uint64_t sequence = sequence_of(at->key());
        std::string bytes(1, kBlock);
        bool changed = false;
        for (BlockReader block(at->value()); !block.at_end(); ++sequence) {
            const std::string_view former = block.next();
            SHORTLIST_ASSIGN(const auto record, state_->decode(former, sequence));
            const auto other = sequence < first ? std::optional<Record>(Removed{}) : change(record);
            changed = changed || other;
            add_to_block(bytes, [&](std::string& out) { other ? encode_record(*other, out) : void(out += former); });
        }
        if (changed) batch.Put(at->key(), bytes);
    }
    if (!at->status().ok()) return rocks_error(at->status(), state_->path);
    SHORTLIST_TRY(state_->write(batch, Durability::Synced));
    // Out of the write-ahead log and the memory tables, then out of every level; what is obsolete is deleted as each step ends.
    SHORTLIST_TRY(state_->result_of(state_->db->Flush(rocksdb::FlushOptions())));
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    return state_->result_of(state_->db->CompactRange(all, nullptr, nullptr));
}

Status Tail::read(Range range, RecordClass wanted, const RecordVisit& visit) const {
    const std::uint64_t from = range.begin;
    const std::uint64_t to = std::min(range.end, end());
    if (from >= to) return {};
    const std::shared_lock opening(state_->opening);
    if (!state_->db) return state_->closed();
    const auto blocks = state_->block_of(from);
    Range left{from, to};
    for (; is_record(*blocks) && left.begin < to && sequence_of(blocks->key()) <= left.begin; blocks->Next()) {
        SHORTLIST_TRY(state_->visit_block(*blocks, left, wanted, visit));
    }
    if (!blocks->status().ok()) return rocks_error(blocks->status(), state_->path);
    if (left.begin == to) return {};
    const std::string what = state_->path + ": record " + std::to_string(left.begin) + " is not there";
    return left.begin == from ? base::not_found(what) : base::data_loss(what);
}

}  // namespace shortlist::data
