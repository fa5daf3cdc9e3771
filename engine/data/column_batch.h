/// A table in memory, column by column: what readers give, what writers take. Owns its memory; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace shortlist::data {

/// Strings end to end: string i is bytes[offsets[i], offsets[i + 1]). Starts with no string.
struct StringColumn {
    std::vector<std::uint64_t> offsets{0};
    std::string bytes;

    void push_back(std::string_view text) {
        bytes += text;
        offsets.push_back(bytes.size());
    }
    [[nodiscard]] std::size_t size() const noexcept { return offsets.size() - 1; }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return std::string_view(bytes).substr(offsets[i], offsets[i + 1] - offsets[i]);
    }
};

/// Strings of which few are distinct: string i is values[codes[i]].
struct CodedColumn {
    std::vector<std::uint32_t> codes;
    StringColumn values;

    [[nodiscard]] std::size_t size() const noexcept { return codes.size(); }
};

/// Lists of floats of one length: row i is values[i * width, (i + 1) * width).
struct VectorColumn {
    std::size_t width = 0;
    std::vector<float> values;

    [[nodiscard]] std::size_t size() const noexcept { return width == 0 ? 0 : values.size() / width; }
};

/// Lists of strings: row i holds strings[offsets[i], offsets[i + 1]).
struct StringListColumn {
    std::vector<std::uint64_t> offsets{0};
    StringColumn strings;

    [[nodiscard]] std::size_t size() const noexcept { return offsets.size() - 1; }
};

using ColumnValues = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<float>, std::vector<std::uint8_t>, StringColumn,
                                  CodedColumn, VectorColumn, StringListColumn>;

struct Column {
    std::string name;
    ColumnValues values;               ///< std::uint8_t holds booleans.
    std::vector<std::uint8_t> valid;   ///< Empty: every row has a value. Otherwise a 0 or 1 for each row.
    bool time_us = false;              ///< The integers are microseconds since 1970, from time stamps or dates, and are written as such.

    [[nodiscard]] std::size_t rows() const {
        return std::visit([](const auto& held) { return held.size(); }, values);
    }
};

struct ColumnBatch {
    std::size_t rows = 0;  ///< Every column has this many.
    std::vector<Column> columns;

    /// The column called `name`, or nullptr.
    [[nodiscard]] const Column* find(std::string_view name) const noexcept {
        for (const auto& column : columns) {
            if (column.name == name) return &column;
        }
        return nullptr;
    }
};

}  // namespace shortlist::data
