/// What a verb shows: a table and text for people, or one JSON document for machines.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"

namespace shortlist::cli {

/// Where a verb writes, and for whom. One thread.
struct Io {
    std::ostream& out;      ///< Results; with `json`, one document and nothing else.
    std::ostream& err;      ///< Errors, and progress on a terminal.
    bool json = false;
    bool terminal = false;  ///< A person watches `err`.
    bool answered = false;  ///< The document for machines is written: an error behind it shows in the exit code alone.
};

/// Rows of text in aligned columns. A column whose every cell reads as a number stands to the right.
class Table {
public:
    explicit Table(std::vector<std::string> columns);
    /// Adds a row of as many cells as there are columns.
    void add(std::vector<std::string> cells);
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    /// The table with its header, a line a row, two spaces between columns and none behind the last.
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// Columns that `text` takes on a terminal: its code points.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// `number` with `digits` behind the point.
[[nodiscard]] std::string fixed(double number, int digits);

/// Writes `text` for people, or `document` for machines.
void render(Io& io, std::string_view text, const boost::json::value& document);
/// Writes `error: message` to io.err for people; {"error": {"code": ..., "message": ...}} to io.out for machines.
void render_error(Io& io, const Error& error);

}  // namespace shortlist::cli
