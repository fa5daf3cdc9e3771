#include "engine/data/entity_table.h"

#include "engine/base/check.h"

namespace shortlist::data {

namespace {

void append_missing(Attribute& attribute) {
    switch (attribute.type) {
        case AttributeType::Number: attribute.numbers.push_back(std::numeric_limits<float>::quiet_NaN()); break;
        case AttributeType::Vector:
            attribute.numbers.insert(attribute.numbers.end(), attribute.width, std::numeric_limits<float>::quiet_NaN());
            break;
        case AttributeType::Time: attribute.times.push_back(kNoTime); break;
        case AttributeType::Category: attribute.codes.push_back(0); break;
        case AttributeType::Categories: attribute.offsets.push_back(attribute.codes.size()); break;
        case AttributeType::Text: attribute.texts.emplace_back(); break;
    }
}

}  // namespace

Attribute make_attribute(std::string_view name, AttributeType type, std::size_t width) {
    Attribute attribute;
    attribute.name = name;
    attribute.type = type;
    attribute.width = width;
    if (type == AttributeType::Categories) attribute.offsets.push_back(0);
    if (type == AttributeType::Category || type == AttributeType::Categories) attribute.values.add("");
    return attribute;
}

const Attribute* EntityTable::find(std::string_view name) const noexcept {
    for (const auto& attribute : attributes) {
        if (attribute.name == name) return &attribute;
    }
    return nullptr;
}

std::uint32_t EntityTable::add(std::string_view id) {
    const std::size_t before = ids.size();
    const std::uint32_t row = ids.add(id);
    if (row == before) {
        for (auto& attribute : attributes) append_missing(attribute);
    }
    return row;
}

}  // namespace shortlist::data
