#include <boost/json.hpp>
#include <cstdio>
#include <system_error>
#include <vector>

#include "engine/base/text.h"
#include "engine/data/files_internal.h"
#include "engine/data/quarantine_internal.h"

namespace shortlist::data {

namespace {

constexpr const char* kFolder = "quarantine";
constexpr const char* kFile = "import.ndjson";

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g %%", 100 * share);
    return text;
}

}  // namespace

void Quarantine::add(const std::string& source, const UnreadableRow& row) { add_line({source, row.row, row.reason, "", row.text}); }

void Quarantine::add(const std::string& source, const TableBatch& batch, std::size_t row, const RowFaults& faults) {
    const Column& column = batch.table.columns[faults.column[row]];
    const std::string value = cell_text(column, row);
    add_line({source, batch.row_number(row), fault_name(faults.fault[row]), column.name, value});
}

void Quarantine::add_line(const Line& line) {
    ++by_reason_[std::string(line.reason)];
    if (++rows_ > kQuarantineRowsMax) return;
    boost::json::object object;
    object["source"] = line.source;
    object["row"] = line.row;
    object["reason"] = boost::json::string(line.reason);
    if (!line.field.empty()) object["field"] = boost::json::string(line.field);
    object["value"] = boost::json::string(line.value);
    text_ += boost::json::serialize(object);
    text_ += '\n';
}

Status Quarantine::check(std::string_view what, std::uint64_t rows_read, double share) {
    const std::uint64_t bad = rows_ - rows_checked_;
    rows_checked_ = rows_;
    if (static_cast<double>(bad) <= share * static_cast<double>(rows_read)) return {};
    std::vector<std::string> reasons;
    reasons.reserve(by_reason_.size());
    for (const auto& [reason, count] : by_reason_) reasons.push_back(base::format_count(count) + " " + reason);
    return base::invalid_argument(std::string(what) + ": " + base::format_count(bad) + " of " + base::format_count(rows_read) + " rows are bad (" +
                                  base::join(reasons) + "), more than the " + percent(share) + " that max_bad_rows allows; see " + kFolder + "/" +
                                  kFile);
}

Result<std::filesystem::path> Quarantine::write(const std::filesystem::path& project_folder) const {
    const auto path = project_folder / kFolder / kFile;
    if (rows_ == 0) {
        std::error_code code;
        std::filesystem::remove(path, code);
        return std::filesystem::path();
    }
    SHORTLIST_TRY(make_folder(path.parent_path()));
    SHORTLIST_TRY(replace_file(path, text_));
    return path;
}

}  // namespace shortlist::data
