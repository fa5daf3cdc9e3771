#include "engine/store/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <mutex>
#include <utility>

#include "engine/base/text.h"
#include "engine/store/packed_state_internal.h"

namespace shortlist::store {

namespace {

rocksdb::Options options_for(const RocksStoreOptions& wanted) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.keep_log_file_num = 2;
    options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    options.write_buffer_size = wanted.memory_bytes / 4;
    options.max_write_buffer_number = 2;
    rocksdb::BlockBasedTableOptions table;
    constexpr double kFilterBitsPerKey = 10;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
    table.block_cache = rocksdb::NewLRUCache(wanted.memory_bytes / 2);
    table.cache_index_and_filter_blocks = true;  // else they grow with the number of users
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct RocksStore::State {
    std::unique_ptr<rocksdb::DB> db;
    std::string path;
    rocksdb::WriteOptions writing;
    std::mutex writers;  // one at a time between looking at a version and writing the next

    [[nodiscard]] Error error(const rocksdb::Status& status) const {
        const std::string message = path + ": " + base::printable(status.ToString(), 300);
        return status.IsCorruption() ? base::data_loss(message) : base::unavailable(message);
    }

    [[nodiscard]] Result<std::vector<std::optional<StoredState>>> find(std::span<const rocksdb::Slice> keys) const {
        std::vector<rocksdb::PinnableSlice> values(keys.size());
        std::vector<rocksdb::Status> statuses(keys.size());
        db->MultiGet(rocksdb::ReadOptions(), db->DefaultColumnFamily(), keys.size(), keys.data(), values.data(), statuses.data());
        std::vector<std::optional<StoredState>> found(keys.size());
        for (std::size_t k = 0; k < keys.size(); ++k) {
            if (statuses[k].IsNotFound()) continue;
            if (!statuses[k].ok()) return error(statuses[k]);
            found[k] = unpack(values[k].ToStringView());
            if (!found[k]) return base::data_loss(path + ": a state without a version");
        }
        return found;
    }
};

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& folder, const RocksStoreOptions& options) {
    auto state = std::make_unique<State>();
    state->path = folder.string();
    state->writing.disableWAL = !options.lasting;
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    rocksdb::DB* db = nullptr;
    if (const auto status = rocksdb::DB::Open(options_for(options), state->path, &db); !status.ok()) return state->error(status);
    state->db.reset(db);
    return std::unique_ptr<RocksStore>(new RocksStore(std::move(state)));
}

RocksStore::RocksStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
RocksStore::~RocksStore() = default;

Result<std::vector<std::optional<StoredState>>> RocksStore::read(std::span<const KnownState> users) {
    std::vector<rocksdb::Slice> keys;
    for (const auto& user : users) keys.push_back(slice(user.user));
    SHORTLIST_ASSIGN(auto found, state_->find(keys));
    for (std::size_t u = 0; u < users.size(); ++u) {
        if (found[u] && found[u]->version == users[u].version) found[u].reset();
    }
    return found;
}

Result<std::vector<bool>> RocksStore::write(std::span<const StateWrite> writes) {
    std::vector<rocksdb::Slice> keys;
    for (const auto& write : writes) keys.push_back(slice(write.known.user));
    const std::lock_guard lock(state_->writers);
    SHORTLIST_ASSIGN(const auto found, state_->find(keys));
    rocksdb::WriteBatch batch;
    std::vector<bool> written(writes.size());
    for (std::size_t w = 0; w < writes.size(); ++w) {
        written[w] = !found[w] || found[w]->version == writes[w].known.version;
        if (written[w]) batch.Put(keys[w], pack(writes[w].version, writes[w].bytes));
    }
    if (const auto status = state_->db->Write(state_->writing, &batch); !status.ok()) return state_->error(status);
    return written;
}

Status RocksStore::erase(std::span<const std::string_view> users) {
    const std::lock_guard lock(state_->writers);
    rocksdb::WriteBatch batch;
    for (const auto user : users) batch.Delete(slice(user));
    if (const auto status = state_->db->Write(state_->writing, &batch); !status.ok()) return state_->error(status);
    return {};
}

}  // namespace shortlist::store
