#include "engine/features/code_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace shortlist::features {

// The slot that holds `code`, or the free one where it belongs. Multiplicative hashing (Knuth 6.4) spreads runs of codes.
std::size_t CodeTable::slot_of(std::uint32_t code) const noexcept {
    const std::size_t mask = keys_.size() - 1;
    std::size_t slot = ((code * 0x9e3779b97f4a7c15ULL) >> 32) & mask;
    while (keys_[slot] != code && keys_[slot] != kNoRow) slot = (slot + 1) & mask;
    return slot;
}

std::span<const double> CodeTable::find(std::uint32_t code, std::size_t stride) const noexcept {
    if (keys_.empty()) return {};
    const std::size_t slot = slot_of(code);
    if (keys_[slot] == kNoRow) return {};
    return std::span(blocks_).subspan(slot * stride, stride);
}

std::span<double> CodeTable::find_or_add(std::uint32_t code, std::size_t stride) {
    if ((size_ + 1) * 8 > keys_.size() * 7) grow(stride);
    const std::size_t slot = slot_of(code);
    if (keys_[slot] == kNoRow) {
        keys_[slot] = code;
        ++size_;
    }
    return std::span(blocks_).subspan(slot * stride, stride);
}

void CodeTable::grow(std::size_t stride) {
    const auto old_keys = std::exchange(keys_, std::vector<std::uint32_t>(std::max<std::size_t>(4, keys_.size() * 2), kNoRow));
    const auto old_blocks = std::exchange(blocks_, std::vector<double>(keys_.size() * stride, 0.0));
    for (std::size_t slot = 0; slot < old_keys.size(); ++slot) {
        if (old_keys[slot] == kNoRow) continue;
        const std::size_t target = slot_of(old_keys[slot]);
        keys_[target] = old_keys[slot];
        std::copy_n(old_blocks.begin() + static_cast<std::ptrdiff_t>(slot * stride), stride,
                    blocks_.begin() + static_cast<std::ptrdiff_t>(target * stride));
    }
}

void CodeTable::save(base::ByteWriter& out) const {
    out.put_all(keys_);
    out.put_all(blocks_);
}

CodeTable CodeTable::load(std::size_t stride, base::ByteReader& in) {
    CodeTable table;
    table.keys_ = in.take_all<std::uint32_t>();
    table.blocks_ = in.take_all<double>();
    table.size_ = table.keys_.size() - static_cast<std::size_t>(std::ranges::count(table.keys_, kNoRow));
    if (!table.is_whole(stride)) in.fail();
    return in.ok() ? std::move(table) : CodeTable();
}

// A search ends at a free slot, so there must be one.
bool CodeTable::is_whole(std::size_t stride) const noexcept {
    const std::size_t slots = keys_.size();
    return (slots == 0 || (std::has_single_bit(slots) && slots >= 4)) && size_ * 8 <= slots * 7 && blocks_.size() == slots * stride;
}

}  // namespace shortlist::features
