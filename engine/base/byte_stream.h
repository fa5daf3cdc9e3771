/// Numbers and texts as a stream of bytes, and back. Numbers lie in the machine's own order, which is little-endian on every machine
/// we build for. A reader trusts nothing: no count may be greater than the bytes that are left could hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace shortlist::base {

/// Values that are all value: no padding, whose bytes would be anything.
template <class T>
concept PlainValue = std::is_trivially_copyable_v<T> && (std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>);

/// Hands its bytes on in pieces. One thread.
class ByteWriter {
public:
    using Sink = std::function<void(std::string_view bytes)>;
    explicit ByteWriter(Sink sink);
    ByteWriter(const ByteWriter&) = delete;
    ByteWriter& operator=(const ByteWriter&) = delete;

    template <PlainValue T>
    void put(const T& value) {
        put_bytes({reinterpret_cast<const char*>(&value), sizeof(T)});
    }
    /// How many there are, then each.
    template <PlainValue T>
    void put_all(std::span<const T> values) {
        put(std::uint64_t{values.size()});
        put_bytes({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    }
    template <PlainValue T>
    void put_all(const std::vector<T>& values) {
        put_all(std::span<const T>(values));
    }
    void put_text(std::string_view text);
    /// Bytes that say themselves where they end.
    void put_bytes(std::string_view bytes);
    /// Hands on what it still holds: before this, the sink may lack the last bytes.
    void flush();

private:
    Sink sink_;
    std::string buffer_;
};

/// Takes values off the front of a stream of known length. From the first one that does not fit on, all are zero or empty, and ok()
/// is false. One thread.
class ByteReader {
public:
    /// Fills `into` and returns how many bytes it filled: fewer only at the end of the stream.
    using Source = std::function<std::size_t(std::span<char> into)>;
    ByteReader(Source source, std::uint64_t bytes);
    ByteReader(const ByteReader&) = delete;
    ByteReader& operator=(const ByteReader&) = delete;

    template <PlainValue T>
    [[nodiscard]] T take() {
        T value{};
        if (fits(sizeof(T))) take_bytes(reinterpret_cast<char*>(&value), sizeof(T));
        return ok_ ? value : T{};
    }
    template <PlainValue T>
    [[nodiscard]] std::vector<T> take_all() {
        std::vector<T> values(take_count(sizeof(T)));
        take_bytes(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
        return ok_ ? std::move(values) : std::vector<T>();
    }
    [[nodiscard]] std::string take_text();
    /// A count of parts of at least `least_bytes` each.
    [[nodiscard]] std::size_t take_count(std::size_t least_bytes);

    void fail() noexcept;
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }
    /// Bytes before the next value. Requires ok().
    [[nodiscard]] std::uint64_t position() const noexcept { return bytes_ - left_; }

private:
    [[nodiscard]] bool fits(std::uint64_t bytes) noexcept;
    void take_bytes(char* out, std::size_t bytes);

    Source source_;
    std::uint64_t bytes_;
    std::uint64_t left_;
    std::string buffer_;
    std::size_t at_ = 0;  ///< In the buffer.
    bool ok_ = true;
};

}  // namespace shortlist::base
