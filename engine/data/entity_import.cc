#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/catalogue.h"
#include "engine/data/cells_internal.h"
#include "engine/data/import_parts_internal.h"
#include "engine/data/record.h"

namespace shortlist::data {

namespace {

constexpr std::string_view kDefaultId = "id";

/// A table with the rows of `old`, and the attributes of the configuration; those that `old` has too keep their values.
EntityTable with_attributes(EntityTable old, const EntityConfig& config) {
    EntityTable table;
    for (const auto& [name, attribute] : config.attributes) {
        const auto same = std::find_if(old.attributes.begin(), old.attributes.end(),
                                       [&](const Attribute& a) { return a.name == name && a.type == attribute.type; });
        if (same != old.attributes.end()) {
            table.attributes.push_back(std::move(*same));
            continue;
        }
        EntityTable rows;  // one attribute of as many missing values as there are rows
        rows.attributes.push_back(make_attribute(name, attribute.type, attribute.type == AttributeType::Vector ? 0 : 1));
        for (std::uint32_t row = 0; row < old.size(); ++row) rows.add(old.ids[row]);
        table.attributes.push_back(std::move(rows.attributes.front()));
    }
    table.ids = std::move(old.ids);
    return table;
}

/// One attribute's column of one batch, decoded: gives the value of a row, or nothing where it is missing.
class AttributeCells {
public:
    /// `width` is the length that vectors have so far, 0 where there is none yet.
    AttributeCells(const AttributeConfig& config, std::size_t width, const Cells& cells, TimeUnit& unit, RowFaults& faults) : type_(config.type) {
        switch (type_) {
            case AttributeType::Number: numbers_ = numbers_of(cells, /*nan_is_missing=*/true, faults); break;
            case AttributeType::Category: texts_ = ids_of(cells, /*required=*/false, faults); break;
            case AttributeType::Text: read_texts(cells, faults); break;
            case AttributeType::Time: times_ = times_of(cells, unit, faults); break;
            case AttributeType::Categories: lists_ = lists_of(cells, config.separator, faults); break;
            case AttributeType::Vector:
                vectors_ = vectors_of(cells, config.separator, faults);
                check_widths(width, cells.position, faults);
                break;
        }
    }

    [[nodiscard]] std::optional<AttributeValue> value(std::size_t row) const {
        switch (type_) {
            case AttributeType::Number: return std::isnan(numbers_[row]) ? std::nullopt : std::optional<AttributeValue>(numbers_[row]);
            case AttributeType::Time: return times_[row] == kNoTime ? std::nullopt : std::optional<AttributeValue>(times_[row]);
            case AttributeType::Categories: return lists_[row].empty() ? std::nullopt : std::optional<AttributeValue>(lists_[row]);
            case AttributeType::Vector: return vectors_[row].empty() ? std::nullopt : std::optional<AttributeValue>(vectors_[row]);
            default: break;
        }
        if (texts_.codes[row] == kNoRow) return std::nullopt;
        return std::string(texts_.values[texts_.codes[row]]);
    }

private:
    void read_texts(const Cells& cells, RowFaults& faults) {
        texts_ = texts_of(cells);
        for (std::size_t row = 0; row < texts_.codes.size(); ++row) {
            if (texts_.codes[row] == kNoRow) continue;
            const auto text = texts_.values[texts_.codes[row]];
            if (text.size() > kTextBytesMax)
                faults.flag(row, Fault::TextTooLong, cells.position);
            else if (text.find('\0') != std::string_view::npos)
                faults.flag(row, Fault::NulByte, cells.position);
            else if (!base::is_valid_utf8(text))
                faults.flag(row, Fault::InvalidUtf8, cells.position);
        }
    }
    void check_widths(std::size_t width, std::size_t position, RowFaults& faults) const {
        for (std::size_t row = 0; row < vectors_.size(); ++row) {
            if (width == 0) width = vectors_[row].size();
            if (!vectors_[row].empty() && vectors_[row].size() != width) faults.flag(row, Fault::WrongVectorLength, position);
        }
    }

    AttributeType type_;
    std::vector<double> numbers_;
    std::vector<TimeUs> times_;
    CodedTexts texts_;
    std::vector<std::vector<std::string>> lists_;
    std::vector<std::vector<float>> vectors_;
};

/// Puts batches of one set of files into a table.
class EntityImport {
public:
    EntityImport(const EntityConfig& config, EntityTable& table, Quarantine& quarantine)
        : config_(config), table_(table), editor_(table), quarantine_(quarantine), units_(config.attributes.size(), TimeUnit::Auto) {}

    void take(const std::string& file, const TableBatch& batch) {
        const auto& columns = batch.table.columns;
        RowFaults faults(batch.table.rows);
        const auto ids = ids_of({columns[0], 0}, /*required=*/true, faults);
        std::vector<AttributeCells> cells;
        std::size_t index = 0;
        for (const auto& [name, attribute] : config_.attributes) {
            cells.emplace_back(attribute, table_.attributes[index].width, Cells{columns[index + 1], index + 1}, units_[index], faults);
            ++index;
        }
        for (std::size_t row = 0; row < batch.table.rows; ++row) {
            if (faults.good(row)) put(std::string(ids.values[ids.codes[row]]), cells, row, faults);
            if (!faults.good(row)) quarantine_.add(file, batch, row, faults);
        }
    }
    [[nodiscard]] const KnownRows& known() const noexcept { return met_; }

private:
    void put(const std::string& id, const std::vector<AttributeCells>& cells, std::size_t row, RowFaults& faults) {
        const std::uint32_t entity = editor_.add(id);
        if (entity >= met_.size()) met_.resize(entity + 1, 0);
        // Metarank tells of an entity again when something of it changed.
        if (met_[entity] != 0 && config_.format != FileFormat::Metarank) return faults.flag(row, Fault::IdStandsTwice, 0);
        met_[entity] = 1;
        for (std::size_t a = 0; a < cells.size(); ++a) {
            const auto value = cells[a].value(row);
            if (value && !editor_.set(entity, a, *value)) faults.flag(row, Fault::WrongVectorLength, a + 1);
        }
    }

    const EntityConfig& config_;
    const EntityTable& table_;
    EntityEditor editor_;
    Quarantine& quarantine_;
    std::vector<TimeUnit> units_;
    KnownRows met_;  ///< By row; as long as needed.
};

/// The column of the id: the configured one, or, where that is the default and the file does not have it, the events' name for it.
Result<std::string> id_column(const EntitySource& source, const std::string& file) {
    const EntityConfig& config = source.config;
    if (config.id != kDefaultId) return config.id;
    SHORTLIST_ASSIGN(const auto names, column_names({file, config.format, {}, source.table}));
    const bool has_default = std::find(names.begin(), names.end(), kDefaultId) != names.end();
    const bool has_other = std::find(names.begin(), names.end(), source.events_column) != names.end();
    return !has_default && has_other ? source.events_column : config.id;
}

}  // namespace

Status import_entities(ImportContext& context, const EntitySource& source, EntityTable& table, KnownRows& known) {
    const EntityConfig& config = source.config;
    table = with_attributes(std::move(table), config);
    if (!config.path.empty()) {
        FileSet files;
        files.what = source.what;
        files.format = config.format;
        files.table = source.table;
        SHORTLIST_ASSIGN(files.files, expand_paths(config.path, context.project_folder));
        SHORTLIST_ASSIGN(auto id, id_column(source, files.files.front()));
        files.columns.push_back(std::move(id));
        for (const auto& [name, attribute] : config.attributes) files.columns.push_back(attribute.column.empty() ? name : attribute.column);
        EntityImport import(config, table, context.quarantine);
        SHORTLIST_ASSIGN(const auto rows, read_files(context, files, [&import](const std::string& file, const TableBatch& batch) -> Status {
                             import.take(file, batch);
                             return {};
                         }));
        context.report.entity_rows_read += rows;
        SHORTLIST_TRY(context.quarantine.check(source.what, rows, context.config.max_bad_rows));
        known.resize(table.size(), 0);
        for (std::size_t row = 0; row < import.known().size(); ++row) known[row] = known[row] | import.known()[row];
    }
    return {};
}

}  // namespace shortlist::data
