/// A state as one value of a key-value store: its version in eight bytes, then its bytes. Private to engine/store.
#pragma once

#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/user_store.h"

namespace shortlist::store {

inline constexpr std::size_t kVersionBytes = sizeof(std::uint64_t);
static_assert(std::endian::native == std::endian::little, "versions are read by other machines");

[[nodiscard]] inline std::string version_bytes(std::uint64_t version) {
    std::string bytes(kVersionBytes, '\0');
    std::memcpy(bytes.data(), &version, kVersionBytes);
    return bytes;
}

[[nodiscard]] inline std::string pack(std::uint64_t version, std::string_view bytes) {
    auto packed = version_bytes(version);
    packed += bytes;
    return packed;
}

/// Nothing where there is no version.
[[nodiscard]] inline std::optional<StoredState> unpack(std::string_view packed) {
    if (packed.size() < kVersionBytes) return std::nullopt;
    StoredState state{0, std::string(packed.substr(kVersionBytes))};
    std::memcpy(&state.version, packed.data(), kVersionBytes);
    return state;
}

}  // namespace shortlist::store
