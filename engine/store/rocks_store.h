/// Users' states in a RocksDB on the local disk: where those go who have not been active for long.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "engine/store/user_store.h"

namespace shortlist::store {

struct RocksStoreOptions {
    std::size_t memory_bytes = std::size_t{64} << 20;  ///< Of blocks that were read and of writes that wait for the disk, together.
    bool lasting = true;  ///< What was written survives the end of the process. False writes no log: quicker, for what another file has as well.
};

class RocksStore final : public UserStore {
public:
    /// Opens or makes the store in a folder. Errors: Unavailable (another process has it; disk), DataLoss.
    [[nodiscard]] static Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& folder, const RocksStoreOptions& options = {});
    ~RocksStore() override;

    [[nodiscard]] Result<std::vector<std::optional<StoredState>>> read(std::span<const KnownState> users) override;
    [[nodiscard]] Result<std::vector<bool>> write(std::span<const StateWrite> writes) override;
    [[nodiscard]] Status erase(std::span<const std::string_view> users) override;

private:
    struct State;
    explicit RocksStore(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shortlist::store
