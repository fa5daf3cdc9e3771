/// Small binary files of numbers, little-endian, for the models of this module. A file is an 8-byte name of its kind, a
/// 4-byte version, then what the model says; readers bound every count by the bytes that are left.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/result.h"

namespace shortlist::models {

static_assert(std::endian::native == std::endian::little, "files are little-endian and are copied as they lie in memory");

/// Collects the bytes of one file.
class BinaryWriter {
public:
    /// kind: exactly 8 bytes.
    BinaryWriter(std::string_view kind, std::uint32_t version);

    template <class T>
    void put(T value) {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
    template <class T>
    void put_all(std::span<const T> values) {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    }
    /// Errors: Unavailable when the file cannot be written.
    [[nodiscard]] Status save(const std::filesystem::path& path) const;

private:
    std::string bytes_;
};

/// The whole file. Errors: NotFound; Unavailable (disk).
[[nodiscard]] Result<std::string> read_bytes(const std::filesystem::path& path);

/// Hands out the parts of a file that was read; nothing is reserved that the file does not pay for.
class BinaryReader {
public:
    /// name: of the file, for errors. Errors: DataLoss for another kind of file; FailedPrecondition for a newer version.
    static Result<BinaryReader> create(std::string bytes, std::string name, std::string_view kind, std::uint32_t version);

    template <class T>
    [[nodiscard]] Result<T> get() {
        static_assert(std::is_trivially_copyable_v<T>);
        T value;
        SHORTLIST_TRY(copy(&value, 1, sizeof(T)));
        return value;
    }
    /// `count` values. Errors: DataLoss when the file is shorter.
    template <class Vector>
    [[nodiscard]] Result<Vector> get_all(std::uint64_t count) {
        using T = typename Vector::value_type;
        static_assert(std::is_trivially_copyable_v<T>);
        if (count > (bytes_.size() - at_) / sizeof(T)) return damaged("it ends too early");
        Vector values(count);
        SHORTLIST_TRY(copy(values.data(), count, sizeof(T)));
        return values;
    }
    /// Errors: DataLoss when bytes are left.
    [[nodiscard]] Status finish() const;
    /// DataLoss, naming the file.
    [[nodiscard]] Error damaged(std::string_view why) const;

private:
    BinaryReader() = default;
    [[nodiscard]] Status copy(void* to, std::uint64_t count, std::size_t size);

    std::string name_;
    std::string bytes_;
    std::size_t at_ = 0;
};

}  // namespace shortlist::models
