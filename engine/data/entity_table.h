/// Items or users: string ids to rows, and typed attributes by column.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
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
    /// Takes out a row, and the category values that no other has; the rows behind it move up. Cost: writes the table anew.
    void remove(std::uint32_t row);
};

/// Takes out of a dictionary what none of the codes leads to, code 0 aside, and gives the codes anew, in their order.
void drop_unused(Dictionary& values, std::vector<std::uint32_t>& codes);

/// A table as bytes, which depend on the table only, and back. Bytes that no table gives fail the reader.
void write_table(const EntityTable& table, base::ByteWriter& out);
[[nodiscard]] EntityTable read_table(base::ByteReader& in);
/// The same for the texts of a dictionary.
void write_dictionary(const Dictionary& dictionary, base::ByteWriter& out);
[[nodiscard]] Dictionary read_dictionary(base::ByteReader& in);

}  // namespace shortlist::data
