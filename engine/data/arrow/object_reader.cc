#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "engine/data/arrow/object_rows_internal.h"
#include "engine/data/arrow/readers_internal.h"
#include "engine/data/dictionary.h"

namespace shortlist::data {

namespace {

namespace json = boost::json;

constexpr std::size_t kRowsPerBatch = 262'144;
constexpr int kRowsLookedAt = 10'000;

/// A JSON value as the text that a CSV cell would hold; lists and objects as JSON.
void append_text(const json::value& value, StringColumn& out) {
    std::array<char, 32> digits{};
    const auto put = [&](auto number) {
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        out.push_back({digits.data(), static_cast<std::size_t>(end - digits.data())});
    };
    switch (value.kind()) {
        case json::kind::string: out.push_back({value.get_string().data(), value.get_string().size()}); break;
        case json::kind::bool_: out.push_back(value.get_bool() ? "true" : "false"); break;
        case json::kind::int64: put(value.get_int64()); break;
        case json::kind::uint64: put(value.get_uint64()); break;
        case json::kind::double_: put(value.get_double()); break;
        case json::kind::null: out.push_back(""); break;
        default: out.push_back(json::serialize(value)); break;
    }
}

Result<std::unique_ptr<ObjectRows>> open_rows(const TableSource& source) {
    if (source.format == FileFormat::Gorse) return open_gorse_rows(source.path, source.table);
    if (source.format == FileFormat::Metarank) return open_metarank_rows(source.path, source.table);
    return open_json_lines(source.path);
}

Result<std::vector<std::string>> names_of_first_rows(const TableSource& source) {
    SHORTLIST_ASSIGN(const auto rows, open_rows(source));
    Dictionary names;
    for (const auto& name : rows->fixed_columns()) names.add(name);
    const bool may_be_empty = names.size() > 0;
    int objects = 0;
    for (int i = 0; i < kRowsLookedAt; ++i) {
        SHORTLIST_ASSIGN(const auto row, rows->next());
        if (!row) break;
        if (row->object == nullptr) continue;
        ++objects;
        for (const auto& member : *row->object) names.add({member.key().data(), member.key().size()});
    }
    if (objects == 0 && !may_be_empty) {
        return base::invalid_argument(source.path + ": none of its first lines is a JSON object; this is not an NDJSON file, or it is empty");
    }
    std::vector<std::string> list;
    for (std::uint32_t i = 0; i < names.size(); ++i) list.emplace_back(names[i]);
    return list;
}

class ObjectReader final : public TableReader {
public:
    ObjectReader(std::unique_ptr<ObjectRows> rows, std::vector<std::string> names) : rows_(std::move(rows)), names_(std::move(names)) {}

    Result<std::optional<TableBatch>> next() override {
        TableBatch batch;
        batch.first_row = next_row_;
        std::vector<StringColumn> texts(names_.size());
        std::vector<std::vector<std::uint8_t>> valid(names_.size());
        std::size_t bytes = 0;
        while (!ended_ && batch.table.rows < kRowsPerBatch && bytes < static_cast<std::size_t>(kTextBlockBytes)) {
            SHORTLIST_ASSIGN(auto row, rows_->next());
            ended_ = !row;
            if (!row) continue;
            bytes += row->bytes;
            next_row_ = row->row + 1;
            if (row->object == nullptr) {
                batch.unreadable.push_back({row->row, std::move(row->reason), std::move(row->text)});
                continue;
            }
            ++batch.table.rows;
            batch.row_numbers.push_back(row->row);
            append_row(*row->object, texts, valid);
        }
        if (ended_ && batch.table.rows == 0 && batch.unreadable.empty()) return std::optional<TableBatch>();
        batch.progress = rows_->progress();
        for (std::size_t c = 0; c < names_.size(); ++c) batch.table.columns.push_back({names_[c], std::move(texts[c]), std::move(valid[c]), false});
        return std::optional<TableBatch>(std::move(batch));
    }

private:
    void append_row(const json::object& object, std::vector<StringColumn>& texts, std::vector<std::vector<std::uint8_t>>& valid) const {
        for (std::size_t c = 0; c < names_.size(); ++c) {
            const auto* member = object.if_contains({names_[c].data(), names_[c].size()});
            const bool there = member != nullptr && !member->is_null() && !(member->is_string() && member->get_string().empty());
            valid[c].push_back(there ? 1 : 0);
            if (there)
                append_text(*member, texts[c]);
            else
                texts[c].push_back("");
        }
    }

    std::unique_ptr<ObjectRows> rows_;
    std::vector<std::string> names_;
    std::uint64_t next_row_ = 0;
    bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<TableReader>> open_objects(const TableSource& source) {
    SHORTLIST_ASSIGN(const auto names, names_of_first_rows(source));
    SHORTLIST_TRY(find_columns(source.path, names, source.columns));
    SHORTLIST_ASSIGN(auto rows, open_rows(source));
    return std::unique_ptr<TableReader>(std::make_unique<ObjectReader>(std::move(rows), source.columns.empty() ? names : source.columns));
}

Result<std::vector<std::string>> object_column_names(const TableSource& source) { return names_of_first_rows(source); }

}  // namespace shortlist::data
