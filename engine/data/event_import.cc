#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>

#include "engine/base/random.h"
#include "engine/base/text.h"
#include "engine/data/cells_internal.h"
#include "engine/data/event_order_internal.h"
#include "engine/data/import_parts_internal.h"
#include "engine/data/record.h"

namespace shortlist::data {

namespace {

constexpr int kNoColumn = -1;

/// Where each mapped field stands among the columns that are read.
struct EventLayout {
    std::vector<std::string> columns;
    int user = kNoColumn;
    int item = kNoColumn;
    int time = kNoColumn;
    int type = kNoColumn;
    int value = kNoColumn;
    int event_id = kNoColumn;
    int request_id = kNoColumn;
    int position = kNoColumn;
    std::vector<int> context;
    std::vector<int> flags;
    std::vector<std::pair<int, int>> amounts;  ///< Amount, and what it is divided by.

    explicit EventLayout(const EventsConfig& config) {
        const EventColumns& mapped = config.columns;
        user = place(mapped.user);
        item = place(mapped.item);
        time = place(mapped.time.column);
        type = place(mapped.type);
        value = place(mapped.value);
        event_id = place(mapped.event_id);
        request_id = place(mapped.request_id);
        position = place(mapped.position);
        for (const auto& name : config.context) context.push_back(place(name));
        for (const auto& [event_type, column] : config.flags) flags.push_back(place(column));
        for (const auto& [event_type, amount] : config.values) amounts.emplace_back(place(amount.value), place(amount.divided_by));
    }

private:
    int place(const std::string& name) {
        if (name.empty()) return kNoColumn;
        const auto found = std::find(columns.begin(), columns.end(), name);
        if (found != columns.end()) return static_cast<int>(found - columns.begin());
        columns.push_back(name);
        return static_cast<int>(columns.size()) - 1;
    }
};

/// A coded column of a batch with what is needed of each distinct text: its hash, and its row in a table once it has one.
struct Coded {
    CodedTexts texts;
    std::vector<std::uint64_t> hashes;
    std::vector<std::uint32_t> rows;

    Coded() = default;
    template <class Hash>
    Coded(CodedTexts coded, const Hash& hash_of) : texts(std::move(coded)), rows(texts.values.size(), kNoRow) {
        hashes.reserve(texts.values.size());
        for (std::size_t i = 0; i < texts.values.size(); ++i) hashes.push_back(hash_of(texts.values[i]));
    }
    [[nodiscard]] bool empty() const noexcept { return texts.codes.empty(); }
    [[nodiscard]] std::uint64_t hash(std::size_t row) const { return empty() || texts.codes[row] == kNoRow ? 0 : hashes[texts.codes[row]]; }
    /// Requires a cell that is not missing.
    [[nodiscard]] std::string_view text(std::size_t row) const { return texts.values[texts.codes[row]]; }
};

/// Numbers of an amount and of its divisor, where it has one.
struct Amounts {
    std::vector<double> amount;
    std::vector<double> divisor;

    /// What the row is worth: NaN where the divisor is 0 or missing.
    [[nodiscard]] float value(std::size_t row) const {
        if (divisor.empty()) return static_cast<float>(amount[row]);
        return divisor[row] == 0 ? kNoValue : static_cast<float>(amount[row] / divisor[row]);
    }
};

/// All mapped columns of one batch, decoded; bad rows are flagged.
struct DecodedBatch {
    RowFaults faults;
    Coded user;
    Coded item;
    Coded type;
    Coded event_id;
    Coded request;
    std::vector<TimeUs> time;
    std::vector<double> value;
    std::vector<std::int32_t> position;
    std::vector<Coded> context;
    std::vector<std::vector<std::uint64_t>> context_hashes;  ///< [field][code]
    std::vector<std::vector<std::uint8_t>> flags;
    std::vector<Amounts> amounts;

    DecodedBatch(const EventsConfig& config, const EventLayout& layout, const ColumnBatch& table, TimeUnit& unit) : faults(table.rows) {
        const auto cells = [&table](int column) { return Cells{table.columns[static_cast<std::size_t>(column)], static_cast<std::size_t>(column)}; };
        const auto coded = [&](int column, bool required) {
            return column == kNoColumn ? Coded() : Coded(ids_of(cells(column), required, faults), text_hash);
        };
        const auto numbers = [&](int column) {
            return column == kNoColumn ? std::vector<double>() : numbers_of(cells(column), /*nan_is_missing=*/false, faults);
        };
        user = coded(layout.user, /*required=*/true);
        item = coded(layout.item, /*required=*/true);
        type = coded(layout.type, /*required=*/true);
        event_id = coded(layout.event_id, /*required=*/true);
        if (layout.request_id != kNoColumn) request = Coded(ids_of(cells(layout.request_id), /*required=*/false, faults), request_hash);
        if (layout.time != kNoColumn) time = times_of(cells(layout.time), unit, faults);
        value = numbers(layout.value);
        if (layout.position != kNoColumn) position = positions_of(cells(layout.position), faults);
        for (std::size_t field = 0; field < layout.context.size(); ++field) {
            context.push_back(coded(layout.context[field], /*required=*/false));
            auto& hashes = context_hashes.emplace_back();
            const auto& values = context.back().texts.values;
            for (std::size_t i = 0; i < values.size(); ++i) hashes.push_back(context_hash(config.context[field], values[i]));
        }
        for (const int column : layout.flags) flags.push_back(flags_of(cells(column), faults));
        for (const auto& [amount, divisor] : layout.amounts) amounts.push_back({numbers(amount), numbers(divisor)});
    }
};

/// One event about to be kept, but for its user, item and context, which it shares with its row.
struct RowEvent {
    EventId id;
    std::uint16_t type;
    float value;
};

/// Sorts the table by (time, id), its part before `test_begin` and the part behind it each for itself.
void sort_events(EventTable& events, std::size_t test_begin) {
    std::vector<std::uint32_t> all(events.size());
    std::iota(all.begin(), all.end(), 0U);
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(test_begin);
    auto positions = order_by_time(events, {all.begin(), middle});
    const auto test = order_by_time(events, {middle, all.end()});
    positions.insert(positions.end(), test.begin(), test.end());
    if (std::is_sorted(positions.begin(), positions.end())) return;
    for_each_column(events, [&positions](auto& column) {
        std::decay_t<decltype(column)> sorted;
        sorted.reserve(positions.size());
        for (const auto position : positions) sorted.push_back(column[position]);
        column = std::move(sorted);
    });
}

/// Turns batches into staged events.
class EventImport {
public:
    EventImport(ImportContext& context, const KnownRows& known_items, EventIdSet seen, Dataset& data)
        : context_(context),
          config_(context.config.events),
          known_items_(known_items),
          layout_(config_),
          data_(data),
          seen_(std::move(seen)),
          latest_(context.options.clock->now() + context.config.max_clock_skew.us),
          unit_(config_.columns.time.unit) {
        EventTable& events = data.events;
        events.context_names = config_.context;
        events.context_values.resize(config_.context.size());
        events.context.resize(config_.context.size());
        for (auto& values : events.context_values) values.add("");
        if (config_.wide())
            row_type_ = type_code(kImpressionType);
        else if (layout_.type == kNoColumn)
            row_type_ = type_code(config_.type);
        for (const auto& [type, column] : config_.flags) flag_types_.push_back(type_code(type));
        for (const auto& [type, amount] : config_.values) amount_types_.push_back(type_code(type));
        fixed_type_hash_ = text_hash(config_.wide() ? kImpressionType : std::string_view(config_.type));
    }

    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return layout_.columns; }

    void take(const std::string& file, const TableBatch& batch) {
        DecodedBatch decoded(config_, layout_, batch.table, unit_);
        check_rows(decoded);
        seen_.reserve(seen_.size() + batch.table.rows);
        std::vector<EventId> ids(batch.table.rows);
        for (std::size_t row = 0; row < ids.size(); ++row) {
            if (decoded.faults.good(row)) ids[row] = id_of(decoded, row);
        }
        constexpr std::size_t kAhead = 16;
        for (std::size_t row = 0; row < ids.size(); ++row) {
            if (row + kAhead < ids.size()) seen_.prefetch(ids[row + kAhead]);
            if (decoded.faults.good(row)) put_row(decoded, row, ids[row]);
            if (!decoded.faults.good(row)) context_.quarantine.add(file, batch, row, decoded.faults);
        }
        rows_before_ += ids.size();
    }

private:
    [[nodiscard]] std::uint16_t type_code(std::string_view type) { return static_cast<std::uint16_t>(data_.events.types.add(type)); }

    /// What decoding cannot know: times against the clock, items against the catalogue.
    void check_rows(DecodedBatch& decoded) const {
        if (layout_.time != kNoColumn) {
            const auto column = static_cast<std::size_t>(layout_.time);
            for (std::size_t row = 0; row < decoded.time.size(); ++row) {
                const TimeUs time = decoded.time[row];
                if (time == kNoTime)
                    decoded.faults.flag(row, Fault::NotATime, column);
                else if (time < 0)
                    decoded.faults.flag(row, Fault::TimeBefore1970, column);
                else if (time > latest_)
                    decoded.faults.flag(row, Fault::TimeInTheFuture, column);
            }
        }
        if (context_.config.unknown_items == UnknownItems::Quarantine) check_items(decoded);
    }

    void check_items(DecodedBatch& decoded) const {
        std::vector<std::uint8_t> known;
        for (std::size_t i = 0; i < decoded.item.texts.values.size(); ++i) {
            const auto row = data_.items.ids.find(decoded.item.texts.values[i]);
            known.push_back(row < known_items_.size() ? known_items_[row] : 0);
        }
        for (std::size_t row = 0; row < decoded.item.texts.codes.size(); ++row) {
            const auto code = decoded.item.texts.codes[row];
            if (code != kNoRow && known[code] == 0) decoded.faults.flag(row, Fault::UnknownItem, static_cast<std::size_t>(layout_.item));
        }
    }

    [[nodiscard]] TimeUs time_of(const DecodedBatch& decoded, std::size_t row) const {
        switch (config_.columns.time.form()) {
            case TimeForm::Column: return decoded.time[row];
            case TimeForm::Order: return static_cast<TimeUs>(rows_before_ + row);
            case TimeForm::None: break;
        }
        return 0;
    }

    [[nodiscard]] EventId id_of(const DecodedBatch& decoded, std::size_t row) const {
        if (!decoded.event_id.empty()) return hash_of_given_id(decoded.event_id.text(row));
        EventKey key;
        key.user = decoded.user.hash(row);
        key.item = decoded.item.hash(row);
        key.type = decoded.type.empty() ? fixed_type_hash_ : decoded.type.hash(row);
        key.time = static_cast<std::uint64_t>(time_of(decoded, row));
        key.value = value_bits(row_value(decoded, row));
        key.request = decoded.request.hash(row);
        key.position = static_cast<std::uint64_t>(decoded.position.empty() ? kNoPosition : decoded.position[row]);
        for (std::size_t field = 0; field < decoded.context.size(); ++field) {
            const auto code = decoded.context[field].texts.codes[row];
            if (code != kNoRow) key.context += decoded.context_hashes[field][code];
        }
        key.outcomes = outcomes_hash(decoded, row);
        return hash_of_key(key);
    }

    /// Of a wide row: its flags and amounts, so that two rows that differ only in these are two impressions. 0 in long form.
    [[nodiscard]] static std::uint64_t outcomes_hash(const DecodedBatch& decoded, std::size_t row) {
        std::uint64_t hash = 0;
        for (const auto& flags : decoded.flags) hash = base::mix64(hash + 1 + flags[row]);
        for (const auto& amounts : decoded.amounts) hash = base::mix64(hash + value_bits(static_cast<float>(amounts.amount[row])));
        return hash;
    }

    [[nodiscard]] static float row_value(const DecodedBatch& decoded, std::size_t row) {
        return decoded.value.empty() ? kNoValue : static_cast<float>(decoded.value[row]);
    }

    /// Keeps the events of a good row: itself, and in wide form one for each true flag and each amount.
    void put_row(DecodedBatch& decoded, std::size_t row, EventId id) {
        std::uint16_t type = row_type_;
        if (!decoded.type.empty()) {
            const auto code = row_in(decoded.type, row, data_.events.types);
            if (code >= std::numeric_limits<std::uint16_t>::max()) {
                return decoded.faults.flag(row, Fault::TooManyTypes, static_cast<std::size_t>(layout_.type));
            }
            type = static_cast<std::uint16_t>(code);
        }
        put_event(decoded, row, {id, type, row_value(decoded, row)});
        std::uint8_t ordinal = 0;
        for (std::size_t f = 0; f < decoded.flags.size(); ++f) {
            ++ordinal;
            if (decoded.flags[f][row] != 0) put_event(decoded, row, {with_ordinal(id, ordinal), flag_types_[f], kNoValue});
        }
        for (std::size_t a = 0; a < decoded.amounts.size(); ++a) {
            ++ordinal;
            if (std::isnan(decoded.amounts[a].amount[row])) continue;
            put_event(decoded, row, {with_ordinal(id, ordinal), amount_types_[a], decoded.amounts[a].value(row)});
        }
    }

    /// The row of a text in a dictionary or table, looked up once for each distinct text of a batch.
    template <class Table>
    [[nodiscard]] static std::uint32_t row_in(Coded& coded, std::size_t row, Table& table) {
        const auto code = coded.texts.codes[row];
        if (coded.rows[code] == kNoRow) coded.rows[code] = table.add(coded.texts.values[code]);
        return coded.rows[code];
    }

    void put_event(DecodedBatch& decoded, std::size_t row, const RowEvent& event) {
        if (!seen_.insert(event.id)) {
            ++context_.report.duplicates;
            return;
        }
        EventTable& events = data_.events;
        events.time.push_back(time_of(decoded, row));
        events.id.push_back(event.id);
        events.user.push_back(row_in(decoded.user, row, data_.users));
        events.item.push_back(row_in(decoded.item, row, data_.items));
        events.type.push_back(event.type);
        events.value.push_back(event.value);
        events.request.push_back(decoded.request.hash(row));
        events.position.push_back(decoded.position.empty() ? kNoPosition : decoded.position[row]);
        for (std::size_t field = 0; field < events.context.size(); ++field) {
            Coded& coded = decoded.context[field];
            const bool missing = coded.texts.codes[row] == kNoRow;
            events.context[field].push_back(missing ? 0 : row_in(coded, row, events.context_values[field]));
        }
    }

    ImportContext& context_;
    const EventsConfig& config_;
    const KnownRows& known_items_;
    EventLayout layout_;
    Dataset& data_;
    EventIdSet seen_;
    TimeUs latest_;
    TimeUnit unit_;
    std::uint16_t row_type_ = 0;
    std::uint64_t fixed_type_hash_ = 0;
    std::vector<std::uint16_t> flag_types_;
    std::vector<std::uint16_t> amount_types_;
    std::uint64_t rows_before_ = 0;  ///< In earlier batches.
};

}  // namespace

Status import_events(ImportContext& context, const KnownRows& known_items, EventIdSet seen, Dataset& data) {
    data.events = EventTable();
    EventImport import(context, known_items, std::move(seen), data);
    const auto take = [&import](const std::string& file, const TableBatch& batch) -> Status {
        import.take(file, batch);
        return {};
    };
    FileSet files;
    files.what = "events";
    files.format = context.config.events.format;
    files.columns = import.columns();
    SHORTLIST_ASSIGN(files.files, expand_paths(context.config.events.path, context.project_folder));
    SHORTLIST_ASSIGN(context.report.rows_read, read_files(context, files, take));
    const std::size_t test_begin = data.events.size();
    if (!context.config.test_events.empty()) {
        files.what = "test_events";
        SHORTLIST_ASSIGN(files.files, expand_paths(context.config.test_events, context.project_folder));
        SHORTLIST_ASSIGN(const auto rows, read_files(context, files, take));
        context.report.rows_read += rows;
        data.given_test_begin = test_begin;
    }
    SHORTLIST_TRY(context.quarantine.check("events", context.report.rows_read, context.config.max_bad_rows));
    if (data.events.size() == 0 && context.report.duplicates == 0)
        return base::invalid_argument("events: the files hold no event; the log stays as it was");
    if (data.events.size() > std::numeric_limits<std::uint32_t>::max()) {
        return base::resource_exhausted("events: one import takes at most 4,294,967,295 of them; got " + base::format_count(data.events.size()));
    }
    sort_events(data.events, test_begin);
    return {};
}

}  // namespace shortlist::data
