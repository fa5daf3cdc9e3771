#include "engine/data/dictionary.h"

namespace shortlist::data {

Dictionary::Dictionary(const Dictionary& other) {
    rows_.reserve(other.size());
    for (const auto& text : other.texts_) add(text);
}

Dictionary& Dictionary::operator=(const Dictionary& other) {
    if (this != &other) *this = Dictionary(other);
    return *this;
}

std::uint32_t Dictionary::find(std::string_view text) const {
    const auto found = rows_.find(text);
    return found == rows_.end() ? kNoRow : found->second;
}

std::uint32_t Dictionary::add(std::string_view text) {
    if (const auto found = rows_.find(text); found != rows_.end()) return found->second;
    const auto row = static_cast<std::uint32_t>(texts_.size());
    rows_.emplace(texts_.emplace_back(text), row);
    return row;
}

}  // namespace shortlist::data
