#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <vector>

#include "engine/base/text.h"
#include "engine/data/history_internal.h"
#include "engine/data/tail_internal.h"

namespace shortlist::data {

namespace {

/// Keys begin with a letter for what they are: 'c' how far a stream was consumed, by partition and topic; 'i' a sequence by event id; and
/// behind those 'r' a record by sequence. Big-endian, so that order is kept.
constexpr char kRecordKey = 'r';
constexpr char kIdKey = 'i';
constexpr char kPositionKey = 'c';

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

std::string id_key(EventId id) {
    std::string key(1, kIdKey);
    put_big_endian(id.high, key);
    put_big_endian(id.low, key);
    return key;
}

void put_position(const StreamPosition& position, rocksdb::WriteBatch& batch) {
    std::string key(1, kPositionKey);
    put_big_endian(static_cast<std::uint64_t>(position.partition), key);
    std::string value;
    put_big_endian(static_cast<std::uint64_t>(position.next), value);
    put_big_endian(static_cast<std::uint64_t>(position.newest), value);
    batch.Put(key + position.topic, value);
}

Error rocks_error(const rocksdb::Status& status, const std::string& path) {
    const std::string message = path + ": " + base::printable(status.ToString(), 300);
    return status.IsCorruption() ? base::data_loss(message) : base::unavailable(message);
}

rocksdb::Options options_for_tail() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.keep_log_file_num = 4;
    options.max_total_wal_size = std::uint64_t{256} << 20;
    options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    // Nearly every event is looked up by its id and not found: filters say so without a search.
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.02;
    rocksdb::BlockBasedTableOptions table;
    constexpr double kFilterBitsPerKey = 10;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

}  // namespace

struct Tail::State {
    std::unique_ptr<rocksdb::DB> db;  ///< Null: nothing was ever written.
    std::string path;
    std::atomic<std::uint64_t> end = 0;

    Status find_end() {
        const std::unique_ptr<rocksdb::Iterator> last(db->NewIterator(rocksdb::ReadOptions()));
        last->SeekForPrev(record_key(~std::uint64_t{0}));
        if (!last->status().ok()) return rocks_error(last->status(), path);
        if (last->Valid()) end = sequence_of(last->key()) + 1;
        return {};
    }
};

Result<Tail> Tail::open(const std::filesystem::path& project_folder, Access access) {
    auto state = std::make_unique<State>();
    state->path = (log_folder(project_folder) / "tail").string();
    rocksdb::DB* db = nullptr;
    if (access == Access::Write) {
        if (const auto status = rocksdb::DB::Open(options_for_tail(), state->path, &db); !status.ok()) return rocks_error(status, state->path);
    } else if (std::filesystem::exists(std::filesystem::path(state->path) / "CURRENT")) {
        // The writer may drop a file between our reading its list and opening it: the list is then read again.
        constexpr int kAttempts = 5;
        rocksdb::Status status;
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            status = rocksdb::DB::OpenForReadOnly(options_for_tail(), state->path, &db);
            if (status.ok()) break;
        }
        if (!status.ok()) return rocks_error(status, state->path);
    }
    state->db.reset(db);
    if (db != nullptr) SHORTLIST_TRY(state->find_end());
    return Tail(std::move(state));
}

Tail::Tail(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tail::Tail(Tail&&) noexcept = default;
Tail& Tail::operator=(Tail&&) noexcept = default;
Tail::~Tail() = default;

std::uint64_t Tail::end() const noexcept { return state_->end.load(); }

void Tail::begin_at(std::uint64_t sequence) noexcept { state_->end = std::max(state_->end.load(), sequence); }

Result<std::optional<std::uint64_t>> Tail::find(EventId id) const {
    if (!state_->db) return std::optional<std::uint64_t>();
    std::string value;
    const auto status = state_->db->Get(rocksdb::ReadOptions(), id_key(id), &value);
    if (status.IsNotFound()) return std::optional<std::uint64_t>();
    if (!status.ok()) return rocks_error(status, state_->path);
    if (value.size() != 8) return base::data_loss(state_->path + ": an event id does not lead to a record");
    return std::optional(take_big_endian(value));
}

Status Tail::append(std::span<const TailEntry> entries, Durability durability, std::span<const StreamPosition> positions) {
    rocksdb::WriteBatch batch;
    for (const auto& position : positions) put_position(position, batch);
    std::uint64_t sequence = state_->end;
    for (const auto& entry : entries) {
        batch.Put(record_key(sequence), entry.bytes);
        if (entry.id) {
            std::string value;
            put_big_endian(sequence, value);
            batch.Put(id_key(*entry.id), value);
        }
        ++sequence;
    }
    rocksdb::WriteOptions options;
    options.sync = durability == Durability::Synced;
    if (const auto status = state_->db->Write(options, &batch); !status.ok()) return rocks_error(status, state_->path);
    state_->end = sequence;
    return {};
}

Result<std::vector<StreamPosition>> Tail::positions() const {
    constexpr std::size_t kNumber = 8;
    std::vector<StreamPosition> positions;
    if (!state_->db) return positions;
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
    if (const auto status = state_->db->SyncWAL(); !status.ok()) return rocks_error(status, state_->path);
    return {};
}

Status Tail::forget_before(std::uint64_t sequence) {
    sequence = std::min(sequence, end() == 0 ? 0 : end() - 1);
    const auto status = state_->db->DeleteRange(rocksdb::WriteOptions(), state_->db->DefaultColumnFamily(), record_key(0), record_key(sequence));
    if (!status.ok()) return rocks_error(status, state_->path);
    return {};
}

Status Tail::rewrite(std::span<const std::pair<std::uint64_t, std::string>> records, std::span<const EventId> ids) {
    rocksdb::WriteBatch batch;
    for (const auto& [sequence, bytes] : records) batch.Put(record_key(sequence), bytes);
    for (const EventId id : ids) batch.Delete(id_key(id));
    rocksdb::WriteOptions options;
    options.sync = true;
    auto status = state_->db->Write(options, &batch);
    // Out of the write-ahead log and the memory tables, then out of every level; what is obsolete is deleted as each step ends.
    if (status.ok()) status = state_->db->Flush(rocksdb::FlushOptions());
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    if (status.ok()) status = state_->db->CompactRange(all, nullptr, nullptr);
    return status.ok() ? Status() : rocks_error(status, state_->path);
}

Status Tail::read(Range range, RecordClass wanted, const RecordVisit& visit) const {
    const std::uint64_t from = range.begin;
    const std::uint64_t to = std::min(range.end, end());
    if (from >= to) return {};
    const std::unique_ptr<rocksdb::Iterator> records(state_->db->NewIterator(rocksdb::ReadOptions()));
    std::uint64_t next = from;
    for (records->Seek(record_key(from)); records->Valid() && next < to; records->Next()) {
        const auto sequence = sequence_of(records->key());
        if (sequence != next) break;
        ++next;
        if (class_of_record(records->value().ToStringView()) != wanted) continue;
        const auto record = decode_record(records->value().ToStringView());
        if (!record) return record.error().in(state_->path + ", record " + std::to_string(sequence));
        SHORTLIST_TRY(visit(sequence, *record));
    }
    if (!records->status().ok()) return rocks_error(records->status(), state_->path);
    if (next == to) return {};
    const std::string what = state_->path + ": record " + std::to_string(next) + " is not there";
    return next == from ? base::not_found(what) : base::data_loss(what);
}

}  // namespace shortlist::data
