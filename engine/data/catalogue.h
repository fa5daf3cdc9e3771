/// Items and users on disk, and what keeps a bundle and a catalogue together.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/entity_table.h"
#include "engine/data/record.h"

namespace shortlist::data {

/// Name, type and width of an attribute: what a file of entities does not say by itself.
struct AttributeShape {
    std::string name;
    AttributeType type = AttributeType::Number;
    std::size_t width = 1;
    friend bool operator==(const AttributeShape&, const AttributeShape&) = default;
};

[[nodiscard]] std::vector<AttributeShape> shapes_of(const EntityTable& table);

/// `number`, `category`, ... and back. Errors: InvalidArgument, naming all types and the nearest.
[[nodiscard]] std::string_view attribute_type_name(AttributeType type);
[[nodiscard]] Result<AttributeType> parse_attribute_type(std::string_view name);

/// Writes the table as Parquet, synced. The bytes depend on the table only.
[[nodiscard]] Status save_entities(const EntityTable& table, const std::filesystem::path& path);
/// Reads it back, rows and category codes as they were. Errors: DataLoss; Unavailable (no such file, disk).
[[nodiscard]] Result<EntityTable> load_entities(const std::filesystem::path& path, const std::vector<AttributeShape>& shapes);

/// Changes many rows of a table; the table is whole again when the editor is destroyed. Lists of categories, which lie end to
/// end, are taken apart once and put together once.
class EntityEditor {
public:
    explicit EntityEditor(EntityTable& table) : table_(table) {}
    ~EntityEditor();
    EntityEditor(const EntityEditor&) = delete;
    EntityEditor& operator=(const EntityEditor&) = delete;

    /// The row of `id`, added when new.
    std::uint32_t add(std::string_view id) { return table_.add(id); }
    /// Sets one attribute of one row. False where the value is not of the attribute's type: nothing is changed then. The first
    /// vector of an attribute of width 0 settles its width; one of another length is not of its type.
    bool set(std::uint32_t row, std::size_t attribute, const AttributeValue& value);

private:
    std::vector<std::vector<std::uint32_t>>& lists_of(std::size_t attribute);
    bool set_vector(std::uint32_t row, Attribute& attribute, const std::vector<float>& numbers) const;

    EntityTable& table_;
    std::map<std::size_t, std::vector<std::vector<std::uint32_t>>> lists_;  ///< By attribute, codes by row.
};

/// Sets the attributes that `upsert` names, in the row of its id, which is added when new. An attribute that the table does not have, or that
/// has another type, is left out: the project file decides which attributes there are. Returns the row.
std::uint32_t apply_upsert(const Upsert& upsert, const EntityTable& table, EntityEditor& editor);
std::uint32_t apply_upsert(const Upsert& upsert, EntityTable& table);

/// Changes items and users by records of the log; both are whole again when the editor is destroyed.
class CatalogueEditor {
public:
    CatalogueEditor(EntityTable& items, EntityTable& users) : items_(items), users_(users), item_editor_(items), user_editor_(users) {}

    /// Applies an upsert; a removed record adds its item's row; others change nothing.
    void apply(const Record& record);

private:
    const EntityTable& items_;
    const EntityTable& users_;
    EntityEditor item_editor_;
    EntityEditor user_editor_;
};

/// SHA-256, in hex, of the first `count` ids: a bundle keeps it to know the catalogue it was made for. Requires count <= table.size().
[[nodiscard]] std::string digest_of_ids(const EntityTable& table, std::size_t count);

}  // namespace shortlist::data
