/// A Gorse dump by hand, field by field, as protobuf's wire format lays it out. Private to the tests of engine/data.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace shortlist::data {

inline std::string little_endian(std::int64_t number) {
    std::string bytes;
    for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 255U);
    return bytes;
}

inline std::string varint(std::uint64_t number) {
    std::string bytes;
    for (; number >= 128; number >>= 7U) bytes += static_cast<char>((number & 127U) | 128U);
    return bytes + static_cast<char>(number);
}

/// Fields: the number and the wire type in one varint (0 a varint, 1 eight bytes, 2 a length and bytes), then the value.
inline std::string wire_number(std::uint64_t field, std::uint64_t number) { return varint(field << 3U) + varint(number); }
inline std::string wire_double(std::uint64_t field, double number) {
    return varint((field << 3U) | 1U) + little_endian(std::bit_cast<std::int64_t>(number));
}
inline std::string wire_text(std::uint64_t field, std::string_view text) {
    return varint((field << 3U) | 2U) + varint(text.size()) + std::string(text);
}

/// A message behind its length.
inline std::string framed(std::string_view message) { return little_endian(static_cast<std::int64_t>(message.size())) + std::string(message); }

/// Two users, two items and two pieces of feedback, of the form without values.
inline std::string gorse_dump() {
    const auto feedback = [](std::string_view type, std::string_view user, std::string_view item) {
        return wire_text(2, type) + wire_text(3, user) + wire_text(4, item);
    };
    const std::string users =
        framed(wire_text(1, "ann") + wire_text(2, R"({"country": "nl", "age": 33, "home": {"x": 1}})") + wire_text(3, "first")) +
        framed(wire_text(1, "bob") + wire_text(2, "null"));
    const std::string labels = R"({"genre": "war", "year": 1957, "tags": ["a", "b"], "taste": [0.5, -1.5], "comment": "hi", "deep": [[1]]})";
    const std::string items =
        framed(wire_text(2, "i1") + wire_number(3, 1) + wire_text(4, "film") + wire_text(4, "old") +
               wire_text(5, wire_number(1, 1650899541) + wire_number(2, 500'000'000)) + wire_text(6, labels) + wire_text(7, "said")) +
        framed(wire_text(2, "i2") + wire_text(6, R"(["x", "y"])"));
    const std::string events = framed(feedback("like", "ann", "i1") + wire_text(5, wire_number(1, 1672531200)) + wire_text(6, "nice")) +
                               framed(feedback("read", "bob", "i2") + wire_text(5, wire_number(1, 1672617600) + wire_number(2, 250'000'000)));
    return little_endian(-1) + users + little_endian(-2) + items + little_endian(-3) + events + little_endian(0);
}

}  // namespace shortlist::data
