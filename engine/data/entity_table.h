/// Items or users: string ids to rows, and typed attributes by column.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/byte_stream.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/data/dictionary.h"

namespace shortlist::data {

enum class AttributeType { Number, Category, Categories, Text, Vector, Time };

inline constexpr TimeUs kNoTime = std::numeric_limits<TimeUs>::min();

/// One attribute of every row; only the fields of its type are filled.
struct Attribute {
    std::string name;
    AttributeType type = AttributeType::Number;
    std::vector<float> numbers;           ///< Number: one a row, NaN where missing. Vector: `width` a row, NaN where missing.
    std::size_t width = 1;                ///< Vector: its length.
    std::vector<TimeUs> times;            ///< Time: kNoTime where missing.
    std::vector<std::uint32_t> codes;     ///< Category: one a row. Categories: those of row r are codes[offsets[r], offsets[r + 1]).
    std::vector<std::uint64_t> offsets;   ///< Categories: one more than rows.
    Dictionary values;                    ///< Category and Categories: code to text; code 0 is "", unknown.
    std::vector<std::string> texts;       ///< Text: empty where missing.
};

/// An attribute of no rows yet.
[[nodiscard]] Attribute make_attribute(std::string_view name, AttributeType type, std::size_t width = 1);

/// Append-only rows. Readers may run together; changes must run alone.
struct EntityTable {
    Dictionary ids;
    std::vector<Attribute> attributes;  ///< Each has as many rows as `ids`.

    [[nodiscard]] std::size_t size() const noexcept { return ids.size(); }
    /// The attribute called `name`, or nullptr.
    [[nodiscard]] const Attribute* find(std::string_view name) const noexcept;
    /// The row of `id`; a new one has every attribute missing.
    std::uint32_t add(std::string_view id);
    /// Takes out the rows whose flag is 0, and the category values that no other row has; the rows behind them move up. Cost: writes the table anew.
    void keep(const std::vector<std::uint8_t>& kept);
    /// True where the row has no attribute.
    [[nodiscard]] bool is_blank(std::uint32_t row) const noexcept;
};

/// Takes out of `values`, of which each row has `width`, those of the rows whose flag is 0.
template <class T>
void keep_values(std::vector<T>& values, const std::vector<std::uint8_t>& kept, std::size_t width = 1) {
    std::size_t to = 0;
    for (std::size_t from = 0; from < values.size(); ++from) {
        if (kept[from / width] == 0) continue;
        if (to != from) values[to] = std::move(values[from]);
        ++to;
    }
    values.resize(to);
}

/// Takes out of a dictionary what none of the codes leads to, code 0 aside, and gives the codes anew, in their order.
void drop_unused(Dictionary& values, std::vector<std::uint32_t>& codes);

/// A table as bytes, which depend on the table only, and back. Bytes that no table gives fail the reader.
void write_table(const EntityTable& table, base::ByteWriter& out);
[[nodiscard]] EntityTable read_table(base::ByteReader& in);
/// The same for the texts of a dictionary.
void write_dictionary(const Dictionary& dictionary, base::ByteWriter& out);
[[nodiscard]] Dictionary read_dictionary(base::ByteReader& in);

}  // namespace shortlist::data
