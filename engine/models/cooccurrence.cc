#include "engine/models/cooccurrence.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/models/binary_file_internal.h"

namespace shortlist::models {

namespace {

constexpr std::string_view kKind = "SLCOOCCU";
constexpr std::uint32_t kVersion = 1;
static_assert(sizeof(SimilarItem) == 8, "entries are written as they lie in memory");

bool precedes(const SimilarItem& a, const SimilarItem& b) { return a.score != b.score ? a.score > b.score : a.item < b.item; }

bool is_sound(std::span<const SimilarItem> list, ItemRow item, std::size_t items) {
    const bool each = std::all_of(list.begin(), list.end(),
                                  [&](const SimilarItem& entry) { return entry.item < items && entry.item != item && std::isfinite(entry.score); });
    return each && std::is_sorted(list.begin(), list.end(), precedes);
}

}  // namespace

Result<Cooccurrence> Cooccurrence::create(std::vector<std::uint64_t> offsets, std::vector<SimilarItem> similar) {
    if (offsets.empty() || offsets.front() != 0 || offsets.back() != similar.size() || !std::is_sorted(offsets.begin(), offsets.end())) {
        return base::invalid_argument("offsets of similar items must ascend from 0 to " + std::to_string(similar.size()));
    }
    Cooccurrence out;
    out.offsets_ = std::move(offsets);
    out.similar_ = std::move(similar);
    if (out.items() >= kNoRow) return base::invalid_argument("too many items: " + std::to_string(out.items()));
    for (ItemRow item = 0; item < out.items(); ++item) {
        if (is_sound(out.similar(item), item, out.items())) continue;
        return base::invalid_argument("items similar to row " + std::to_string(item) +
                                      " must be other rows of the catalogue with finite scores, best first");
    }
    return out;
}

Status Cooccurrence::save(const std::filesystem::path& path) const {
    BinaryWriter file(kKind, kVersion);
    file.put(static_cast<std::uint64_t>(items()));
    file.put(static_cast<std::uint64_t>(similar_.size()));
    file.put_all(std::span<const std::uint64_t>(offsets_));
    file.put_all(std::span<const SimilarItem>(similar_));
    return file.save(path);
}

Result<Cooccurrence> Cooccurrence::load(const std::filesystem::path& path) {
    SHORTLIST_ASSIGN(auto bytes, read_bytes(path));
    return parse(std::move(bytes), path.string());
}

Result<Cooccurrence> Cooccurrence::parse(std::string bytes, std::string name) {
    SHORTLIST_ASSIGN(auto file, BinaryReader::create(std::move(bytes), std::move(name), kKind, kVersion));
    SHORTLIST_ASSIGN(const auto items, file.get<std::uint64_t>());
    SHORTLIST_ASSIGN(const auto entries, file.get<std::uint64_t>());
    if (items >= kNoRow) return file.damaged("its item count is out of range");
    SHORTLIST_ASSIGN(auto offsets, file.get_all<std::vector<std::uint64_t>>(items + 1));
    SHORTLIST_ASSIGN(auto similar, file.get_all<std::vector<SimilarItem>>(entries));
    SHORTLIST_TRY(file.finish());
    auto model = create(std::move(offsets), std::move(similar));
    if (!model) return file.damaged(model.error().message);
    return model;
}

}  // namespace shortlist::models
