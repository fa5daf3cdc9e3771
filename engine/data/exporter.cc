#include "engine/data/exporter.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/event_hash_internal.h"
#include "engine/data/event_order_internal.h"
#include "engine/data/files_internal.h"
#include "engine/data/log.h"
#include "engine/data/ndjson_writer.h"

namespace shortlist::data {

namespace {

namespace fs = std::filesystem;

/// Names of columns, each once: one that is taken gets a `_` behind.
class ColumnNames {
public:
    std::string add(std::string name) {
        while (!taken_.insert(name).second) name += '_';
        return name;
    }

private:
    std::set<std::string> taken_;
};

/// A column of texts that are looked up by code. The codes are given anew in order of appearance: what is written depends on the texts only.
class CodedTextColumn {
public:
    explicit CodedTextColumn(const Dictionary& texts) : texts_(texts), codes_(texts.size(), kNoRow) {}
    /// Empty texts are missing.
    void push_back(std::uint32_t code) {
        const bool missing = texts_[code].empty();
        if (codes_[code] == kNoRow) {
            codes_[code] = static_cast<std::uint32_t>(column_.values.size());
            column_.values.push_back(texts_[code]);
        }
        column_.codes.push_back(codes_[code]);
        valid_.push_back(missing ? 0 : 1);
    }
    [[nodiscard]] Column finish(std::string name) && { return {std::move(name), std::move(column_), std::move(valid_), false}; }

private:
    const Dictionary& texts_;
    std::vector<std::uint32_t> codes_;
    CodedColumn column_;
    std::vector<std::uint8_t> valid_;
};

/// Texts, empty ones missing.
Column text_column(std::string name, const std::vector<std::string>& texts) {
    StringColumn column;
    std::vector<std::uint8_t> valid;
    for (const auto& text : texts) {
        column.push_back(text);
        valid.push_back(text.empty() ? 0 : 1);
    }
    return {std::move(name), std::move(column), std::move(valid), false};
}

Column float_column(std::string name, std::vector<float> numbers) {
    std::vector<std::uint8_t> valid;
    for (auto& number : numbers) {
        valid.push_back(std::isnan(number) ? 0 : 1);
        if (std::isnan(number)) number = 0;
    }
    return {std::move(name), std::move(numbers), std::move(valid), false};
}

Column time_column(std::string name, std::vector<TimeUs> times) {
    std::vector<std::uint8_t> valid;
    for (auto& time : times) {
        valid.push_back(time == kNoTime ? 0 : 1);
        if (time == kNoTime) time = 0;
    }
    return {std::move(name), std::move(times), std::move(valid), true};
}

Column vector_column(std::string name, const Attribute& attribute, std::size_t rows) {
    VectorColumn column{attribute.width, attribute.numbers};
    std::vector<std::uint8_t> valid;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto begin = column.values.begin() + static_cast<std::ptrdiff_t>(row * attribute.width);
        const bool missing = std::isnan(*begin);
        valid.push_back(missing ? 0 : 1);
        if (missing) std::fill_n(begin, attribute.width, 0.0F);
    }
    return {std::move(name), std::move(column), std::move(valid), false};
}

Column list_column(std::string name, const Attribute& attribute) {
    StringListColumn column;
    for (const auto code : attribute.codes) column.strings.push_back(attribute.values[code]);
    column.offsets = attribute.offsets;
    return {std::move(name), std::move(column), {}, false};
}

Column attribute_column(const Attribute& attribute, std::size_t rows) {
    switch (attribute.type) {
        case AttributeType::Number: return float_column(attribute.name, attribute.numbers);
        case AttributeType::Time: return time_column(attribute.name, attribute.times);
        case AttributeType::Vector: return vector_column(attribute.name, attribute, rows);
        case AttributeType::Categories: return list_column(attribute.name, attribute);
        case AttributeType::Text: return text_column(attribute.name, attribute.texts);
        case AttributeType::Category: break;
    }
    CodedTextColumn column(attribute.values);
    for (const auto code : attribute.codes) column.push_back(code);
    return std::move(column).finish(attribute.name);
}

class Export {
public:
    Export(Dataset data, const ExportOptions& options, fs::path folder) : data_(std::move(data)), options_(options), folder_(std::move(folder)) {
        const bool all_imported = data_.events.size() == data_.imported_events;
        time_form_ = all_imported ? data_.time_form : TimeForm::Column;
    }

    Result<ExportReport> run() {
        SHORTLIST_TRY(write_events());
        SHORTLIST_TRY(write_entities("items", data_.items, config_.items));
        SHORTLIST_TRY(write_entities("users", data_.users, config_.users));
        SHORTLIST_TRY(options_.complete(folder_, config_));
        SHORTLIST_TRY(sync_path(folder_));
        return ExportReport{data_.events.size(), test_.size(), data_.items.size(), data_.users.size()};
    }

private:
    /// Imported events before a given test part and live ones make one file, the test part another.
    Status write_events() {
        std::vector<std::uint32_t> positions(data_.events.size());
        std::iota(positions.begin(), positions.end(), 0U);
        if (data_.given_test_begin) {
            const auto begin = positions.begin() + static_cast<std::ptrdiff_t>(*data_.given_test_begin);
            const auto end = positions.begin() + static_cast<std::ptrdiff_t>(data_.imported_events);
            test_.assign(begin, end);
            positions.erase(begin, end);
            test_ = order_by_time(data_.events, std::move(test_));
        }
        positions = order_by_time(data_.events, std::move(positions));
        name_event_columns();
        SHORTLIST_ASSIGN(config_.events.path, write("events", events_batch(positions)));
        if (test_.empty()) return {};
        SHORTLIST_ASSIGN(config_.test_events, write("test_events", events_batch(test_)));
        return {};
    }

    void name_event_columns() {
        ColumnNames names;
        for (const auto& name : data_.events.context_names) config_.events.context.push_back(names.add(name));
        EventColumns& columns = config_.events.columns;
        columns.user = names.add("user");
        columns.item = names.add("item");
        if (time_form_ == TimeForm::Column) columns.time.column = names.add("time");
        if (time_form_ == TimeForm::Order) columns.time.order = OrderSource::File;
        columns.type = names.add("type");
        columns.value = names.add("value");
        columns.event_id = names.add("event_id");
        columns.request_id = names.add("request_id");
        columns.position = names.add("position");
    }

    [[nodiscard]] ColumnBatch events_batch(const std::vector<std::uint32_t>& positions) const {
        const EventTable& events = data_.events;
        const EventColumns& names = config_.events.columns;
        ColumnBatch batch;
        batch.rows = positions.size();
        const auto coded = [&](const std::string& name, const Dictionary& texts, const auto& codes) {
            CodedTextColumn column(texts);
            for (const auto i : positions) column.push_back(codes[i]);
            batch.columns.push_back(std::move(column).finish(name));
        };
        coded(names.user, data_.users.ids, events.user);
        coded(names.item, data_.items.ids, events.item);
        if (time_form_ == TimeForm::Column) {
            std::vector<TimeUs> times;
            for (const auto i : positions) times.push_back(events.time[i]);
            batch.columns.push_back(time_column(names.time.column, std::move(times)));
        }
        coded(names.type, events.types, events.type);
        std::vector<float> values;
        std::vector<std::string> ids;
        std::vector<std::string> requests;
        std::vector<std::int64_t> places;
        std::vector<std::uint8_t> has_place;
        for (const auto i : positions) {
            values.push_back(events.value[i]);
            ids.push_back(text_of_event_id(events.id[i]));
            requests.push_back(text_of_request(events.request[i]));
            places.push_back(std::max(events.position[i], 0));
            has_place.push_back(events.position[i] == kNoPosition ? 0 : 1);
        }
        batch.columns.push_back(float_column(names.value, std::move(values)));
        batch.columns.push_back(text_column(names.event_id, ids));
        batch.columns.push_back(text_column(names.request_id, requests));
        batch.columns.push_back({names.position, std::move(places), std::move(has_place), false});
        for (std::size_t f = 0; f < events.context.size(); ++f) coded(config_.events.context[f], events.context_values[f], events.context[f]);
        return batch;
    }

    Status write_entities(const std::string& file, const EntityTable& table, EntityConfig& config) {
        ColumnNames names;
        for (const auto& attribute : table.attributes) names.add(attribute.name);
        config.id = names.add("id");
        ColumnBatch batch;
        batch.rows = table.size();
        StringColumn ids;
        for (std::uint32_t row = 0; row < table.size(); ++row) ids.push_back(table.ids[row]);
        batch.columns.push_back({config.id, std::move(ids), {}, false});
        for (const auto& attribute : table.attributes) {
            if (attribute.type == AttributeType::Vector && attribute.width == 0) continue;  // no row has one
            batch.columns.push_back(attribute_column(attribute, table.size()));
            config.attributes[attribute.name].type = attribute.type;
        }
        SHORTLIST_ASSIGN(config.path, write(file, batch));
        return {};
    }

    Result<std::vector<std::string>> write(const std::string& file, const ColumnBatch& batch) {
        const bool parquet = options_.format == ExportFormat::Parquet;
        const std::string name = file + (parquet ? ".parquet" : ".ndjson");
        if (parquet)
            SHORTLIST_TRY(write_parquet(folder_ / name, batch, Compression::Zstd));
        else
            SHORTLIST_TRY(write_ndjson(folder_ / name, batch));
        return std::vector<std::string>{name};
    }

    Dataset data_;
    const ExportOptions& options_;
    fs::path folder_;
    TimeForm time_form_ = TimeForm::None;
    std::vector<std::uint32_t> test_;
    DataConfig config_;
};

}  // namespace

Result<ExportReport> export_data(const fs::path& project_folder, const ExportOptions& options) {
    std::error_code code;
    const fs::path out = fs::weakly_canonical(fs::absolute(options.out), code);
    if (fs::exists(out, code) && !(fs::is_directory(out, code) && fs::is_empty(out, code))) {
        return Error{ErrorCode::AlreadyExists, "'" + out.string() + "' is there already; an export goes to a folder of its own"};
    }
    SHORTLIST_ASSIGN(auto data, load_dataset(project_folder, LiveContext::All));
    if (data.events.size() == 0) return base::failed_precondition("the log holds no event; 'shortlist import' brings some");
    const fs::path staging = out.parent_path() / ("." + out.filename().string() + ".partial");
    fs::remove_all(staging, code);
    SHORTLIST_TRY(make_folder(staging));
    auto report = Export(std::move(data), options, staging).run();
    if (report) {
        if (auto renamed = rename_synced(staging, out); !renamed) report = std::move(renamed).error();
    }
    if (!report) fs::remove_all(staging, code);
    return report;
}

}  // namespace shortlist::data
