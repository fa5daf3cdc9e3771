#include "engine/data/dictionary.h"

#include <algorithm>

#include "engine/base/check.h"

namespace shortlist::data {

namespace {

// The first block holds so much, each further one as much as all before it, up to a megabyte.
constexpr std::size_t kBlockBytesMin = 64;
constexpr std::size_t kBlockBytesMax = std::size_t{1} << 20U;

}  // namespace

Dictionary::Dictionary(const Dictionary& other) {
    texts_.reserve(other.size());
    for (std::uint32_t row = 0; row < other.size(); ++row) add(other[row]);
}

Dictionary& Dictionary::operator=(const Dictionary& other) {
    if (this != &other) *this = Dictionary(other);
    return *this;
}

// The slot that holds `text`, or the free one where it belongs. Requires slots.
std::size_t Dictionary::slot_of(std::string_view text, std::uint32_t hash) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
        const std::uint32_t row = slots_[slot] - 1;
        if (texts_[row].hash == hash && (*this)[row] == text) break;
    }
    return slot;
}

std::uint32_t Dictionary::find(std::string_view text) const noexcept {
    if (slots_.empty()) return kNoRow;
    const std::uint32_t found = slots_[slot_of(text, static_cast<std::uint32_t>(text_hash(text)))];
    return found == 0 ? kNoRow : found - 1;
}

std::uint32_t Dictionary::add(std::string_view text) {
    if ((texts_.size() + 1) * 2 > slots_.size()) grow();
    const auto hash = static_cast<std::uint32_t>(text_hash(text));
    const std::size_t slot = slot_of(text, hash);
    if (slots_[slot] != 0) return slots_[slot] - 1;
    SHORTLIST_CHECK(text.size() < kNoRow && texts_.size() < kNoRow - 1, text.size(), texts_.size());
    texts_.push_back({keep(text), static_cast<std::uint32_t>(text.size()), hash});
    slots_[slot] = static_cast<std::uint32_t>(texts_.size());
    return slots_[slot] - 1;
}

const char* Dictionary::keep(std::string_view text) {
    if (blocks_.empty() || block_bytes_ - used_bytes_ < text.size()) {
        block_bytes_ = std::max(text.size(), std::clamp(text_bytes_, kBlockBytesMin, kBlockBytesMax));
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes_));  // NOLINT(modernize-avoid-c-arrays)
        text_bytes_ += block_bytes_;
        used_bytes_ = 0;
    }
    char* begin = blocks_.back().get() + used_bytes_;
    std::ranges::copy(text, begin);
    used_bytes_ += text.size();
    return begin;
}

void Dictionary::grow() {
    slots_.assign(std::max<std::size_t>(8, slots_.size() * 2), 0);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t row = 0; row < texts_.size(); ++row) {
        std::size_t slot = texts_[row].hash & mask;
        while (slots_[slot] != 0) slot = (slot + 1) & mask;
        slots_[slot] = static_cast<std::uint32_t>(row + 1);
    }
}

std::size_t Dictionary::bytes() const noexcept {
    return texts_.capacity() * sizeof(Text) + slots_.capacity() * sizeof(slots_[0]) + blocks_.capacity() * sizeof(blocks_[0]) + text_bytes_;
}

}  // namespace shortlist::data
