#include "engine/features/block_list.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace shortlist::features {

namespace {

// Up to so many keys are looked through one by one: they share a cache line.
constexpr std::size_t kSearchedMax = 12;
constexpr std::size_t kNoPlace = std::numeric_limits<std::size_t>::max();

std::size_t slots_for(std::size_t capacity) noexcept { return capacity <= kSearchedMax ? 0 : std::bit_ceil(capacity + capacity / 4); }

std::size_t words_for(std::size_t capacity, std::size_t stride) noexcept { return 1 + capacity * (1 + stride) + slots_for(capacity); }

// Multiplicative hashing (Knuth 6.4) spreads runs of codes.
std::size_t first_slot(std::uint32_t code, std::size_t slots) noexcept { return ((code * 0x9e3779b97f4a7c15ULL) >> 32U) & (slots - 1); }

}  // namespace

BlockList::BlockList(const BlockList& other) {
    if (other.size_ == 0) return;
    grow(other.size_, other.stride());
    size_ = other.size_;
    std::copy_n(other.keys(), size_, keys());
    std::copy_n(other.block(0), size_ * stride(), block(0));
    enter_all();
}

BlockList& BlockList::operator=(const BlockList& other) {
    if (this != &other) *this = BlockList(other);
    return *this;
}

BlockList::BlockList(BlockList&& other) noexcept
    : words_(std::move(other.words_)), size_(std::exchange(other.size_, 0)), capacity_(std::exchange(other.capacity_, 0)) {}

BlockList& BlockList::operator=(BlockList&& other) noexcept {
    words_ = std::move(other.words_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
}

std::uint32_t* BlockList::keys() const noexcept { return slots() + slots_for(capacity_); }

void BlockList::prefetch(std::uint32_t code) const noexcept {
    if (capacity_ == 0) return;
    const std::size_t count = slots_for(capacity_);
    __builtin_prefetch(slots() + (count == 0 ? 0 : first_slot(code, count)), 1);
}

void BlockList::prefetch_block(std::uint32_t code) const noexcept {
    if (capacity_ == 0) return;
    const std::size_t count = slots_for(capacity_);
    std::size_t place = size_;
    if (count == 0) {
        place = std::min<std::size_t>(place_of(code), size_);
    } else if (const std::uint32_t slot = slots()[first_slot(code, count)]; slot != 0) {
        place = slot - 1;  // most likely; whether it is, its key will say
    }
    __builtin_prefetch(keys() + place, 1);
    __builtin_prefetch(block(place), 1);
}

std::size_t BlockList::place_of(std::uint32_t code) const noexcept {
    const std::uint32_t* held = words_ ? keys() : nullptr;
    const std::size_t count = slots_for(capacity_);
    if (count == 0) {
        for (std::size_t place = 0; place < size_; ++place) {
            if (held[place] == code) return place;
        }
        return kNoPlace;
    }
    const std::uint32_t* table = slots();
    for (std::size_t slot = first_slot(code, count); table[slot] != 0; slot = (slot + 1) & (count - 1)) {
        if (held[table[slot] - 1] == code) return table[slot] - 1;
    }
    return kNoPlace;
}

std::span<const std::uint32_t> BlockList::find(std::uint32_t code) const noexcept {
    const std::size_t place = place_of(code);
    if (place == kNoPlace) return {};
    return {block(place), stride()};
}

std::span<std::uint32_t> BlockList::find_or_add(std::uint32_t code, std::size_t stride) {
    std::size_t place = place_of(code);
    if (place == kNoPlace) {
        if (size_ == capacity_) grow(size_ == 0 ? 2 : size_ + std::max<std::size_t>(2, size_ / 2), stride);
        place = size_++;
        keys()[place] = code;
        enter(place);
    }
    return {block(place), stride};
}

// A slot holds 1 + the place of a key, 0 when it is free.
void BlockList::enter(std::size_t place) const noexcept {
    const std::size_t count = slots_for(capacity_);
    if (count == 0) return;
    std::uint32_t* table = slots();
    std::size_t slot = first_slot(keys()[place], count);
    while (table[slot] != 0) slot = (slot + 1) & (count - 1);
    table[slot] = static_cast<std::uint32_t>(place + 1);
}

void BlockList::enter_all() const noexcept {
    std::fill_n(slots(), slots_for(capacity_), 0U);
    for (std::size_t place = 0; place < size_; ++place) enter(place);
}

// Blocks behind the last one are zero.
void BlockList::grow(std::size_t capacity, std::size_t stride) {
    BlockList wider;
    wider.words_ = std::make_unique<std::uint32_t[]>(words_for(capacity, stride));  // NOLINT(modernize-avoid-c-arrays)
    wider.words_[0] = static_cast<std::uint32_t>(stride);
    wider.capacity_ = static_cast<std::uint32_t>(capacity);
    wider.size_ = size_;
    if (size_ > 0) {
        std::copy_n(keys(), size_, wider.keys());
        std::copy_n(block(0), size_ * stride, wider.block(0));
        wider.enter_all();
    }
    *this = std::move(wider);
}

void BlockList::drop_least(std::size_t count) {
    std::vector<std::uint32_t> order(size_);
    std::iota(order.begin(), order.end(), 0U);
    const auto first_kept = order.begin() + static_cast<std::ptrdiff_t>(count);
    std::ranges::nth_element(order, first_kept, {}, [&](std::uint32_t place) { return std::pair(*block(place), place); });
    std::sort(first_kept, order.end());
    size_ = 0;
    for (auto from = first_kept; from != order.end(); ++from, ++size_) {
        keys()[size_] = keys()[*from];
        std::copy_n(block(*from), stride(), block(size_));
    }
    std::fill_n(block(size_), count * stride(), 0U);
    enter_all();
}

void BlockList::rename(const std::function<std::uint32_t(std::uint32_t)>& renamed) {
    if (size_ == 0) return;
    for (std::size_t place = 0; place < size_; ++place) keys()[place] = renamed(keys()[place]);
    enter_all();
}

void BlockList::save(base::ByteWriter& out) const {
    const bool empty = size_ == 0;
    out.put_all(std::span<const std::uint32_t>(empty ? nullptr : keys(), size_));
    out.put_all(std::span<const std::uint32_t>(empty ? nullptr : block(0), empty ? 0 : size_ * stride()));
}

BlockList BlockList::load(std::size_t stride, base::ByteReader& in) {
    const auto keys = in.take_all<std::uint32_t>();
    const auto blocks = in.take_all<std::uint32_t>();
    if (blocks.size() != keys.size() * stride) in.fail();
    BlockList list;
    if (!in.ok() || keys.empty()) return list;
    list.grow(keys.size(), stride);
    for (std::size_t k = 0; k < keys.size(); ++k) {
        if (keys[k] == kNoRow || list.place_of(keys[k]) != kNoPlace) in.fail();
        if (!in.ok()) return {};
        (void)list.find_or_add(keys[k], stride);
    }
    std::ranges::copy(blocks, list.block(0));
    return list;
}

std::size_t BlockList::bytes() const noexcept { return capacity_ == 0 ? 0 : words_for(capacity_, stride()) * sizeof(std::uint32_t); }

}  // namespace shortlist::features
