#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/arrow_status_internal.h"
#include "engine/data/arrow/object_rows_internal.h"
#include "engine/data/arrow/readers_internal.h"
#include "engine/data/gorse_dump_internal.h"
#include "engine/data/metarank_events_internal.h"

namespace shortlist::data {

namespace {

constexpr std::size_t kShownBytes = 200;

class GorseRows final : public ObjectRows {
public:
    GorseRows(TextStream stream, const std::string& path, SourceTable table)
        : stream_(std::move(stream)),
          table_(table),
          dump_(
              path, [this, path](char* into, std::size_t bytes) { return read(path, into, bytes); }, table) {}

    Result<std::optional<ObjectRow>> next() override {
        SHORTLIST_ASSIGN(const auto message, dump_.next());
        if (!message) return std::optional<ObjectRow>();
        ObjectRow row;
        row.row = next_row_++;
        row.bytes = message->size();
        auto object = decode_gorse_message(table_, *message);
        if (object) {
            object_ = *std::move(object);
            row.object = &object_;
        } else {
            row.reason = object.error().message;
            row.text = base::printable(*message, kShownBytes);
        }
        return std::optional(std::move(row));
    }
    [[nodiscard]] double progress() const override { return stream_.progress(); }
    [[nodiscard]] std::vector<std::string> fixed_columns() const override { return gorse_columns(table_); }

private:
    Result<std::size_t> read(const std::string& path, char* into, std::size_t bytes) {
        std::size_t filled = 0;
        while (filled < bytes) {
            if (at_ == buffer_.size()) {
                constexpr std::int64_t kPieceBytes = 4 << 20;
                SHORTLIST_ARROW_ASSIGN(path, const auto piece, stream_.bytes->Read(kPieceBytes));
                if (piece->size() == 0) break;
                buffer_.assign(reinterpret_cast<const char*>(piece->data()), static_cast<std::size_t>(piece->size()));
                at_ = 0;
            }
            const std::size_t taken = buffer_.copy(into + filled, bytes - filled, at_);
            filled += taken;
            at_ += taken;
        }
        return filled;
    }

    TextStream stream_;
    SourceTable table_;
    std::string buffer_;
    std::size_t at_ = 0;  ///< In the buffer.
    GorseDump dump_;
    boost::json::object object_;
    std::uint64_t next_row_ = 0;
};

class MetarankLines final : public ObjectRows {
public:
    MetarankLines(std::unique_ptr<ObjectRows> lines, SourceTable table) : lines_(std::move(lines)), table_(table), rows_(table) {}

    Result<std::optional<ObjectRow>> next() override {
        while (true) {
            if (const auto* object = rows_.next()) {
                ObjectRow row;
                row.row = line_.row;
                row.bytes = line_.bytes;
                row.object = object;
                return std::optional(std::move(row));
            }
            SHORTLIST_ASSIGN(auto line, lines_->next());
            if (!line) return std::optional<ObjectRow>();
            line_ = std::move(*line);
            const auto begun = line_.object == nullptr ? Status(base::invalid_argument(line_.reason)) : rows_.begin(*line_.object);
            // The file is read once for each table: what no table can hold is told of with the events.
            if (begun || table_ != SourceTable::Events) continue;
            if (line_.object != nullptr) line_.text = base::printable(boost::json::serialize(*line_.object), kShownBytes);
            return std::optional(ObjectRow{line_.row, nullptr, line_.bytes, begun.error().message, line_.text});
        }
    }
    [[nodiscard]] double progress() const override { return lines_->progress(); }
    [[nodiscard]] std::vector<std::string> fixed_columns() const override { return metarank_columns(table_); }

private:
    std::unique_ptr<ObjectRows> lines_;
    SourceTable table_;
    MetarankRows rows_;
    ObjectRow line_;
};

}  // namespace

Result<std::unique_ptr<ObjectRows>> open_gorse_rows(const std::string& path, SourceTable table) {
    SHORTLIST_ASSIGN(auto stream, open_text(path));
    return std::unique_ptr<ObjectRows>(std::make_unique<GorseRows>(std::move(stream), path, table));
}

Result<std::unique_ptr<ObjectRows>> open_metarank_rows(const std::string& path, SourceTable table) {
    SHORTLIST_ASSIGN(auto lines, open_json_lines(path));
    return std::unique_ptr<ObjectRows>(std::make_unique<MetarankLines>(std::move(lines), table));
}

}  // namespace shortlist::data
