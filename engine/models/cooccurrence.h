/// Which items go together: for each item, the most similar others with their scores. Made by training/item_to_item.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace shortlist::models {

struct SimilarItem {
    ItemRow item;
    float score;
    friend bool operator==(const SimilarItem&, const SimilarItem&) = default;
};

/// Immutable; any number of threads may read. Memory: 8 bytes an entry, 8 an item.
class Cooccurrence {
public:
    /// Item i is similar to similar[offsets[i], offsets[i + 1]).
    /// Errors: InvalidArgument unless offsets start at 0, ascend and end at similar.size(), and each list holds other items below the
    /// item count, best first, ties to the lower row, with finite scores.
    static Result<Cooccurrence> create(std::vector<std::uint64_t> offsets, std::vector<SimilarItem> similar);

    [[nodiscard]] std::size_t items() const noexcept { return offsets_.size() - 1; }
    /// Best first; empty for an item it does not know.
    [[nodiscard]] std::span<const SimilarItem> similar(ItemRow item) const noexcept {
        if (item >= items()) return {};
        return std::span(similar_).subspan(offsets_[item], offsets_[item + 1] - offsets_[item]);
    }

    /// One file: "SLCOOCCU", version 1 (uint32), items (uint64), entries (uint64), items + 1 offsets (uint64), then each entry's item
    /// (uint32) and score (float32). Little-endian.
    /// Errors: Unavailable.
    [[nodiscard]] Status save(const std::filesystem::path& path) const;
    /// Errors: NotFound; DataLoss for a damaged file; FailedPrecondition for a newer version.
    static Result<Cooccurrence> load(const std::filesystem::path& path);
    /// load() of the bytes of a file; `name` stands in errors. Hostile until checked: every count is bounded by the bytes there are.
    static Result<Cooccurrence> parse(std::string bytes, std::string name);

private:
    Cooccurrence() = default;

    std::vector<std::uint64_t> offsets_{0};
    std::vector<SimilarItem> similar_;
};

}  // namespace shortlist::models
