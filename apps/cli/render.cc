#include "apps/cli/render.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "engine/base/check.h"

namespace shortlist::cli {

namespace {

// 12, -1.5, 1,234, 3.5%, +0.02: what people compare digit by digit.
bool reads_as_number(std::string_view cell) {
    if (!cell.empty() && (cell.front() == '-' || cell.front() == '+')) cell.remove_prefix(1);
    if (!cell.empty() && cell.back() == '%') cell.remove_suffix(1);
    return !cell.empty() && cell.front() >= '0' && cell.front() <= '9' && cell.find_first_not_of("0123456789.,") == std::string_view::npos;
}

bool is_number_column(const std::vector<std::vector<std::string>>& rows, std::size_t column) {
    return std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row[column].empty() || reads_as_number(row[column]); });
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths, const std::vector<bool>& to_the_right) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string padding(widths[i] - display_width(cells[i]), ' ');
        if (i > 0) line += "  ";
        line += to_the_right[i] ? padding + cells[i] : cells[i] + padding;
    }
    line.resize(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

}  // namespace

Table::Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
    SHORTLIST_CHECK(cells.size() == columns_.size(), cells.size(), columns_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    std::vector<bool> to_the_right;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = display_width(columns_[i]);
        for (const auto& row : rows_) width = std::max(width, display_width(row[i]));
        widths.push_back(width);
        to_the_right.push_back(!rows_.empty() && is_number_column(rows_, i));
    }
    std::string text = line_of(columns_, widths, to_the_right);
    for (const auto& row : rows_) text += line_of(row, widths, to_the_right);
    return text;
}

std::size_t display_width(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string fixed(double number, int digits) {
    std::array<char, 400> out{};
    std::snprintf(out.data(), out.size(), "%.*f", digits, number);
    return out.data();
}

void render(Io& io, std::string_view text, const boost::json::value& document) {
    if (io.json) {
        io.out << boost::json::serialize(document) << '\n';
        io.answered = true;
    } else {
        io.out << text;
    }
}

void render_error(Io& io, const Error& error) {
    if (io.json) {
        io.out << boost::json::serialize(boost::json::object{{"error", {{"code", base::face_of(error.code).name}, {"message", error.message}}}})
               << '\n';
    } else {
        io.err << "error: " << error.message << '\n';
    }
}

}  // namespace shortlist::cli
