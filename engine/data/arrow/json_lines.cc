#include <arrow/buffer.h>

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/arrow/object_rows_internal.h"
#include "engine/data/arrow/readers_internal.h"

namespace shortlist::data {

namespace {

namespace json = boost::json;

constexpr std::int64_t kPieceBytes = 4 << 20;

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

class JsonLines final : public ObjectRows {
public:
    JsonLines(TextStream stream, const std::string& path) : lines_(std::move(stream), path) {}

    Result<std::optional<ObjectRow>> next() override {
        while (true) {
            SHORTLIST_ASSIGN(const auto line, lines_.next());
            if (!line) return std::optional<ObjectRow>();
            if (line->empty()) continue;
            ObjectRow row;
            row.row = next_row_++;
            row.bytes = line->size();
            row.object = parser_.parse(*line);
            if (row.object == nullptr) {
                row.reason = "not a JSON object";
                row.text = base::printable(*line, kShownBytes);
            }
            return std::optional(std::move(row));
        }
    }
    [[nodiscard]] double progress() const override { return lines_.progress(); }

private:
    static constexpr std::size_t kShownBytes = 200;

    LineReader lines_;
    LineParser parser_;
    std::uint64_t next_row_ = 0;
};

}  // namespace

Result<std::unique_ptr<ObjectRows>> open_json_lines(const std::string& path) {
    SHORTLIST_ASSIGN(auto stream, open_text(path));
    return std::unique_ptr<ObjectRows>(std::make_unique<JsonLines>(std::move(stream), path));
}

}  // namespace shortlist::data
