#include "engine/data/catalogue.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/data/arrow/parquet_writer.h"
#include "engine/data/arrow/reader.h"
#include "engine/data/files_internal.h"

namespace shortlist::data {

namespace {

constexpr std::string_view kIdColumn = "id";

constexpr std::array<std::pair<std::string_view, AttributeType>, 6> kTypeNames{{{"number", AttributeType::Number},
                                                                                {"category", AttributeType::Category},
                                                                                {"categories", AttributeType::Categories},
                                                                                {"text", AttributeType::Text},
                                                                                {"vector", AttributeType::Vector},
                                                                                {"time", AttributeType::Time}}};

StringColumn strings_of(const Dictionary& dictionary) {
    StringColumn strings;
    for (std::uint32_t row = 0; row < dictionary.size(); ++row) strings.push_back(dictionary[row]);
    return strings;
}

/// Columns are called after the attribute with a letter in front, so that none can be called like the id's.
std::string column_name(std::string_view attribute) { return "@" + std::string(attribute); }

/// Category codes are stored as they are, behind their dictionary: "codes" keeps the number of a value, which a plain text column would not.
ColumnValues column_of(const Attribute& attribute, std::size_t rows) {
    switch (attribute.type) {
        case AttributeType::Number: return attribute.numbers;
        case AttributeType::Time: return attribute.times;
        case AttributeType::Vector: return VectorColumn{attribute.width, attribute.numbers};
        case AttributeType::Category: return CodedColumn{attribute.codes, strings_of(attribute.values)};
        case AttributeType::Text: {
            StringColumn texts;
            for (const auto& text : attribute.texts) texts.push_back(text);
            return texts;
        }
        case AttributeType::Categories: {
            StringListColumn lists;
            lists.offsets.assign(attribute.offsets.begin(), attribute.offsets.begin() + static_cast<std::ptrdiff_t>(rows) + 1);
            for (const auto code : attribute.codes) lists.strings.push_back(attribute.values[code]);
            return lists;
        }
    }
    return StringColumn();
}

/// Appends one batch of a stored column to an attribute. False where the column is not what the shape says.
struct ColumnAppender {
    Attribute& attribute;

    bool operator()(const std::vector<float>& values) const {
        if (attribute.type != AttributeType::Number) return false;
        attribute.numbers.insert(attribute.numbers.end(), values.begin(), values.end());
        return true;
    }
    bool operator()(const std::vector<std::int64_t>& values) const {
        if (attribute.type != AttributeType::Time) return false;
        attribute.times.insert(attribute.times.end(), values.begin(), values.end());
        return true;
    }
    bool operator()(const VectorColumn& values) const {
        if (attribute.type != AttributeType::Vector || values.width != attribute.width) return false;
        attribute.numbers.insert(attribute.numbers.end(), values.values.begin(), values.values.end());
        return true;
    }
    bool operator()(const CodedColumn& values) const {
        if (attribute.type == AttributeType::Text) {
            for (const auto code : values.codes) attribute.texts.emplace_back(values.values[code]);
            return true;
        }
        if (attribute.type != AttributeType::Category) return false;
        std::vector<std::uint32_t> codes;
        for (std::size_t i = 0; i < values.values.size(); ++i) codes.push_back(attribute.values.add(values.values[i]));
        for (const auto code : values.codes) attribute.codes.push_back(codes[code]);
        return true;
    }
    bool operator()(const StringListColumn& values) const {
        if (attribute.type != AttributeType::Categories) return false;
        for (std::size_t row = 0; row + 1 < values.offsets.size(); ++row) {
            for (auto i = values.offsets[row]; i < values.offsets[row + 1]; ++i) attribute.codes.push_back(attribute.values.add(values.strings[i]));
            attribute.offsets.push_back(attribute.codes.size());
        }
        return true;
    }
    template <class Other>
    bool operator()(const Other&) const {
        return false;
    }
};

bool append_ids(const Column& column, EntityTable& table) {
    const auto* coded = std::get_if<CodedColumn>(&column.values);  // as the reader gives texts
    if (coded == nullptr) return false;
    const std::size_t before = table.ids.size();
    for (const auto code : coded->codes) table.ids.add(coded->values[code]);
    return table.ids.size() == before + coded->size();
}

/// Appends a batch that has the ids first, then every attribute but vectors that no row has.
Status append_batch(const std::string& path, const TableBatch& batch, EntityTable& table) {
    const auto& columns = batch.table.columns;
    if (!append_ids(columns[0], table)) return base::data_loss(path + ": its ids are not distinct texts");
    std::size_t column = 1;
    for (auto& attribute : table.attributes) {
        if (attribute.width == 0) continue;
        if (!std::visit(ColumnAppender{attribute}, columns[column++].values)) {
            return base::data_loss(path + ": attribute '" + base::printable(attribute.name) + "' is not of the type " +
                                   std::string(attribute_type_name(attribute.type)));
        }
    }
    return {};
}

}  // namespace

std::vector<AttributeShape> shapes_of(const EntityTable& table) {
    std::vector<AttributeShape> shapes;
    shapes.reserve(table.attributes.size());
    for (const auto& attribute : table.attributes) shapes.push_back({attribute.name, attribute.type, attribute.width});
    return shapes;
}

std::string_view attribute_type_name(AttributeType type) {
    for (const auto& [name, named] : kTypeNames) {
        if (named == type) return name;
    }
    return "";
}

Result<AttributeType> parse_attribute_type(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& [known, type] : kTypeNames) {
        if (known == name) return type;
        names.emplace_back(known);
    }
    const auto near = base::nearest(name, names);
    return base::invalid_argument("no attribute type is called '" + base::printable(name) + "'; there are " + base::join(names) +
                                  (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Status save_entities(const EntityTable& table, const std::filesystem::path& path) {
    ColumnBatch batch;
    batch.rows = table.size();
    batch.columns.push_back({std::string(kIdColumn), strings_of(table.ids), {}, false});
    for (const auto& attribute : table.attributes) {
        if (attribute.width == 0) continue;  // a vector that no row has yet
        batch.columns.push_back({column_name(attribute.name), column_of(attribute, table.size()), {}, false});
    }
    return write_parquet(path, batch, Compression::Snappy);
}

Result<EntityTable> load_entities(const std::filesystem::path& path, const std::vector<AttributeShape>& shapes) {
    EntityTable table;
    std::vector<std::string> columns{std::string(kIdColumn)};
    for (const auto& shape : shapes) {
        table.attributes.push_back(make_attribute(shape.name, shape.type, shape.width));
        if (shape.width > 0) columns.push_back(column_name(shape.name));
    }
    SHORTLIST_ASSIGN(const auto reader, open_own_table(path, std::move(columns)));
    while (true) {
        SHORTLIST_ASSIGN(const auto batch, reader->next());
        if (!batch) break;
        SHORTLIST_TRY(append_batch(path.string(), *batch, table));
    }
    return table;
}

EntityEditor::~EntityEditor() {
    for (auto& [index, lists] : lists_) {
        Attribute& attribute = table_.attributes[index];
        lists.resize(table_.size());
        attribute.codes.clear();
        attribute.offsets.assign(1, 0);
        for (const auto& codes : lists) {
            attribute.codes.insert(attribute.codes.end(), codes.begin(), codes.end());
            attribute.offsets.push_back(attribute.codes.size());
        }
    }
}

std::vector<std::vector<std::uint32_t>>& EntityEditor::lists_of(std::size_t attribute) {
    const auto [place, is_new] = lists_.try_emplace(attribute);
    auto& lists = place->second;
    const Attribute& whole = table_.attributes[attribute];
    for (std::size_t row = 0; is_new && row + 1 < whole.offsets.size(); ++row) {
        lists.emplace_back(whole.codes.begin() + static_cast<std::ptrdiff_t>(whole.offsets[row]),
                           whole.codes.begin() + static_cast<std::ptrdiff_t>(whole.offsets[row + 1]));
    }
    lists.resize(table_.size());
    return lists;
}

bool EntityEditor::set_vector(std::uint32_t row, Attribute& attribute, const std::vector<float>& numbers) const {
    if (attribute.width == 0) {
        attribute.width = numbers.size();
        attribute.numbers.assign(table_.size() * attribute.width, std::numeric_limits<float>::quiet_NaN());
    }
    if (numbers.empty() || numbers.size() != attribute.width) return false;
    std::copy(numbers.begin(), numbers.end(), attribute.numbers.begin() + static_cast<std::ptrdiff_t>(row * attribute.width));
    return true;
}

bool EntityEditor::set(std::uint32_t row, std::size_t index, const AttributeValue& value) {
    Attribute& attribute = table_.attributes[index];
    const auto* text = std::get_if<std::string>(&value);
    switch (attribute.type) {
        case AttributeType::Number:
            if (const auto* number = std::get_if<double>(&value)) return attribute.numbers[row] = static_cast<float>(*number), true;
            return false;
        case AttributeType::Time:
            if (const auto* time = std::get_if<std::int64_t>(&value)) return attribute.times[row] = *time, true;
            return false;
        case AttributeType::Category: return text != nullptr && (attribute.codes[row] = attribute.values.add(*text), true);
        case AttributeType::Text: return text != nullptr && (attribute.texts[row] = *text, true);
        case AttributeType::Vector:
            if (const auto* numbers = std::get_if<std::vector<float>>(&value)) return set_vector(row, attribute, *numbers);
            return false;
        case AttributeType::Categories: {
            const auto* texts = std::get_if<std::vector<std::string>>(&value);
            if (texts == nullptr && text == nullptr) return false;
            auto& codes = lists_of(index)[row];
            codes.clear();
            if (text != nullptr)
                codes.push_back(attribute.values.add(*text));
            else
                for (const auto& part : *texts) codes.push_back(attribute.values.add(part));
            return true;
        }
    }
    return false;
}

std::uint32_t apply_upsert(const Upsert& upsert, const EntityTable& table, EntityEditor& editor) {
    const std::uint32_t row = editor.add(upsert.id);
    for (const auto& [name, value] : upsert.attributes) {
        for (std::size_t a = 0; a < table.attributes.size(); ++a) {
            if (table.attributes[a].name == name) editor.set(row, a, value);
        }
    }
    return row;
}

std::uint32_t apply_upsert(const Upsert& upsert, EntityTable& table) {
    EntityEditor editor(table);
    return apply_upsert(upsert, table, editor);
}

void CatalogueEditor::apply(const Record& record) {
    if (const auto* removed = std::get_if<Removed>(&record); removed != nullptr && !removed->item.empty()) item_editor_.add(removed->item);
    if (const auto* item = std::get_if<ItemUpsert>(&record)) apply_upsert(*item, items_, item_editor_);
    if (const auto* user = std::get_if<UserUpsert>(&record)) apply_upsert(*user, users_, user_editor_);
}

std::string digest_of_ids(const EntityTable& table, std::size_t count) {
    SHORTLIST_CHECK(count <= table.size(), count, table.size());
    std::string bytes;
    for (std::uint32_t row = 0; row < count; ++row) {
        const auto id = table.ids[row];
        bytes += std::to_string(id.size());
        bytes += ':';
        bytes += id;
    }
    return sha256_hex(bytes);
}

}  // namespace shortlist::data
