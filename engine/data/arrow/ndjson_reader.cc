#include <arrow/api.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/arrow/readers_internal.h"

namespace shortlist::data {

namespace {

namespace json = boost::json;

constexpr std::int64_t kPieceBytes = 4 << 20;
constexpr std::size_t kRowsPerBatch = 262'144;
constexpr int kRowsLookedAt = 1000;

/// The lines of a stream, one by one.
class LineReader {
public:
    explicit LineReader(TextStream stream, std::string path) : stream_(std::move(stream)), path_(std::move(path)) {}

    /// The next line without its end; nothing at the end of the stream. The view holds until the next call.
    Result<std::optional<std::string_view>> next() {
        while (true) {
            const auto rest = std::string_view(buffer_).substr(begin_);
            const auto end = rest.find('\n', searched_);
            if (end != std::string_view::npos) {
                begin_ += end + 1;
                searched_ = 0;
                return std::optional(trimmed(rest.substr(0, end)));
            }
            if (ended_) {
                begin_ = buffer_.size();
                return rest.empty() ? std::optional<std::string_view>() : std::optional(trimmed(rest));
            }
            searched_ = rest.size();
            if (rest.size() > static_cast<std::size_t>(kTextBlockBytes)) {
                return base::invalid_argument(path_ + ": a line is longer than " + base::format_bytes(kTextBlockBytes));
            }
            buffer_.erase(0, begin_);
            begin_ = 0;
            SHORTLIST_ARROW_ASSIGN(path_, const auto piece, stream_.bytes->Read(kPieceBytes));
            ended_ = piece->size() == 0;
            buffer_.append(reinterpret_cast<const char*>(piece->data()), static_cast<std::size_t>(piece->size()));
        }
    }
    [[nodiscard]] double progress() const { return stream_.progress(); }

private:
    static std::string_view trimmed(std::string_view line) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
        return line;
    }

    TextStream stream_;
    std::string path_;
    std::string buffer_;
    std::size_t begin_ = 0;
    std::size_t searched_ = 0;
    bool ended_ = false;
};

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

/// Parses one line after another, in memory that it uses again.
class LineParser {
public:
    /// The object of the line, until the next one; null where it is none.
    const json::object* parse(std::string_view line) {
        value_.reset();
        resource_.emplace(buffer_.data(), buffer_.size());  // a new one: release() keeps doubling what it takes next
        boost::system::error_code code;
        json::parse_options options;
        options.max_depth = 32;
        value_ = json::parse({line.data(), line.size()}, code, &*resource_, options);
        return code || !value_->is_object() ? nullptr : &value_->get_object();
    }

private:
    std::array<unsigned char, 16384> buffer_;
    std::optional<json::monotonic_resource> resource_;
    std::optional<json::value> value_;
};

Result<std::vector<std::string>> names_of_first_rows(const std::string& path) {
    SHORTLIST_ASSIGN(auto stream, open_text(path));
    LineReader lines(std::move(stream), path);
    LineParser parser;
    Dictionary names;
    int objects = 0;
    for (int i = 0; i < kRowsLookedAt; ++i) {
        SHORTLIST_ASSIGN(const auto line, lines.next());
        if (!line) break;
        const auto* object = parser.parse(*line);
        if (object == nullptr) continue;
        ++objects;
        for (const auto& member : *object) names.add({member.key().data(), member.key().size()});
    }
    if (objects == 0) return base::invalid_argument(path + ": none of its first lines is a JSON object; this is not an NDJSON file, or it is empty");
    std::vector<std::string> list;
    for (std::uint32_t i = 0; i < names.size(); ++i) list.emplace_back(names[i]);
    return list;
}

class NdjsonReader final : public TableReader {
public:
    NdjsonReader(TextStream stream, const TableSource& source) : lines_(std::move(stream), source.path), names_(source.columns) {}

    static Result<std::unique_ptr<TableReader>> open(TableSource source) {
        SHORTLIST_ASSIGN(const auto names, names_of_first_rows(source.path));
        SHORTLIST_TRY(find_columns(source.path, names, source.columns));
        if (source.columns.empty()) source.columns = names;
        SHORTLIST_ASSIGN(auto stream, open_text(source.path));
        return std::unique_ptr<TableReader>(std::make_unique<NdjsonReader>(std::move(stream), source));
    }

    Result<std::optional<TableBatch>> next() override {
        TableBatch batch;
        batch.first_row = next_row_;
        std::vector<StringColumn> texts(names_.size());
        std::vector<std::vector<std::uint8_t>> valid(names_.size());
        std::size_t bytes = 0;
        while (!ended_ && batch.table.rows < kRowsPerBatch && bytes < static_cast<std::size_t>(kTextBlockBytes)) {
            SHORTLIST_ASSIGN(const auto line, lines_.next());
            ended_ = !line;
            if (!line || line->empty()) continue;
            bytes += line->size();
            const std::uint64_t row = next_row_++;
            const auto* object = parser_.parse(*line);
            if (object == nullptr) {
                batch.unreadable.push_back({row, "not a JSON object", base::printable(*line, 200)});
                continue;
            }
            ++batch.table.rows;
            batch.row_numbers.push_back(row);
            append_row(*object, texts, valid);
        }
        if (ended_ && batch.table.rows == 0 && batch.unreadable.empty()) return std::optional<TableBatch>();
        batch.progress = lines_.progress();
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

    LineReader lines_;
    LineParser parser_;
    std::vector<std::string> names_;
    std::uint64_t next_row_ = 0;
    bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<TableReader>> open_ndjson(const TableSource& source) { return NdjsonReader::open(source); }

Result<std::vector<std::string>> ndjson_column_names(const TableSource& source) { return names_of_first_rows(source.path); }

}  // namespace shortlist::data
