/// Looks at columns of text cells, for the tests of what is guessed from them.
#pragma once

#include <string>
#include <vector>

#include "engine/project/column_look.h"

namespace shortlist::project {

/// A column as a CSV file gives it; an empty cell is missing.
inline data::Column column(const std::string& name, const std::vector<std::string>& cells) {
    data::StringColumn values;
    std::vector<std::uint8_t> valid;
    for (const auto& cell : cells) {
        values.push_back(cell);
        valid.push_back(cell.empty() ? 0 : 1);
    }
    return {name, values, valid};
}

inline std::vector<ColumnLook> looks(const std::vector<data::Column>& columns, std::size_t rows) { return look_at(data::ColumnBatch{rows, columns}); }

/// `count` different texts.
inline std::vector<std::string> different(std::size_t count, const std::string& prefix) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(prefix + std::to_string(i));
    return texts;
}

}  // namespace shortlist::project
