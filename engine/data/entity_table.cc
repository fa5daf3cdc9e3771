#include "engine/data/entity_table.h"

#include <algorithm>
#include <cmath>

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

void keep_lists(Attribute& attribute, const std::vector<std::uint8_t>& kept) {
    std::vector<std::uint8_t> kept_codes;
    std::vector<std::uint64_t> offsets{0};
    for (std::size_t row = 0; row < kept.size(); ++row) {
        const std::uint64_t count = attribute.offsets[row + 1] - attribute.offsets[row];
        kept_codes.insert(kept_codes.end(), count, kept[row]);
        if (kept[row] != 0) offsets.push_back(offsets.back() + count);
    }
    keep_values(attribute.codes, kept_codes);
    attribute.offsets = std::move(offsets);
}

void keep_rows(Attribute& attribute, const std::vector<std::uint8_t>& kept) {
    switch (attribute.type) {
        case AttributeType::Number: return keep_values(attribute.numbers, kept);
        case AttributeType::Vector: return keep_values(attribute.numbers, kept, attribute.width);
        case AttributeType::Time: return keep_values(attribute.times, kept);
        case AttributeType::Text: return keep_values(attribute.texts, kept);
        case AttributeType::Category: keep_values(attribute.codes, kept); break;
        case AttributeType::Categories: keep_lists(attribute, kept); break;
    }
    drop_unused(attribute.values, attribute.codes);
}

bool is_missing(const Attribute& attribute, std::size_t row) {
    switch (attribute.type) {
        case AttributeType::Number: return std::isnan(attribute.numbers[row]);
        case AttributeType::Vector: return attribute.width == 0 || std::isnan(attribute.numbers[row * attribute.width]);
        case AttributeType::Time: return attribute.times[row] == kNoTime;
        case AttributeType::Text: return attribute.texts[row].empty();
        case AttributeType::Category: return attribute.codes[row] == 0;
        case AttributeType::Categories: return attribute.offsets[row] == attribute.offsets[row + 1];
    }
    return true;
}

// True where the attribute is one of `rows` rows, and its codes and offsets lead to what there is.
bool is_whole(const Attribute& attribute, std::size_t rows) {
    const auto known = [&] { return std::ranges::all_of(attribute.codes, [&](std::uint32_t code) { return code < attribute.values.size(); }); };
    const bool begins_unknown = attribute.values.size() > 0 && attribute.values[0].empty();
    switch (attribute.type) {
        case AttributeType::Number: return attribute.numbers.size() == rows;
        case AttributeType::Vector:
            return attribute.width == 0 ? attribute.numbers.empty()
                                        : attribute.numbers.size() / attribute.width == rows && attribute.numbers.size() % attribute.width == 0;
        case AttributeType::Time: return attribute.times.size() == rows;
        case AttributeType::Category: return begins_unknown && attribute.codes.size() == rows && known();
        case AttributeType::Categories:
            return begins_unknown && attribute.offsets.size() == rows + 1 && attribute.offsets.front() == 0 &&
                   std::ranges::is_sorted(attribute.offsets) && attribute.offsets.back() == attribute.codes.size() && known();
        case AttributeType::Text: return attribute.texts.size() == rows;
    }
    return false;
}

void write_attribute(const Attribute& attribute, base::ByteWriter& out) {
    out.put_text(attribute.name);
    out.put(static_cast<std::uint8_t>(attribute.type));
    out.put(std::uint64_t{attribute.width});
    out.put_all(attribute.numbers);
    out.put_all(attribute.times);
    out.put_all(attribute.codes);
    out.put_all(attribute.offsets);
    write_dictionary(attribute.values, out);
    out.put(std::uint64_t{attribute.texts.size()});
    for (const auto& text : attribute.texts) out.put_text(text);
}

Attribute read_attribute(std::size_t rows, base::ByteReader& in) {
    Attribute attribute;
    attribute.name = in.take_text();
    attribute.type = static_cast<AttributeType>(in.take<std::uint8_t>());
    attribute.width = in.take<std::uint64_t>();
    attribute.numbers = in.take_all<float>();
    attribute.times = in.take_all<TimeUs>();
    attribute.codes = in.take_all<std::uint32_t>();
    attribute.offsets = in.take_all<std::uint64_t>();
    attribute.values = read_dictionary(in);
    attribute.texts.resize(in.take_count(sizeof(std::uint32_t)));
    for (auto& text : attribute.texts) text = in.take_text();
    if (!is_whole(attribute, rows)) in.fail();
    return attribute;
}

}  // namespace

void write_dictionary(const Dictionary& dictionary, base::ByteWriter& out) {
    out.put(std::uint64_t{dictionary.size()});
    for (std::uint32_t row = 0; row < dictionary.size(); ++row) out.put_text(dictionary[row]);
}

Dictionary read_dictionary(base::ByteReader& in) {
    Dictionary dictionary;
    const std::size_t size = in.take_count(sizeof(std::uint32_t));
    for (std::size_t row = 0; row < size && in.ok(); ++row) {
        if (dictionary.add(in.take_text()) != row) in.fail();
    }
    return dictionary;
}

void write_table(const EntityTable& table, base::ByteWriter& out) {
    write_dictionary(table.ids, out);
    out.put(std::uint64_t{table.attributes.size()});
    for (const auto& attribute : table.attributes) write_attribute(attribute, out);
}

EntityTable read_table(base::ByteReader& in) {
    EntityTable table;
    table.ids = read_dictionary(in);
    constexpr std::size_t kLeastBytes = 32;  // of an attribute: the counts of its parts
    const std::size_t attributes = in.take_count(kLeastBytes);
    for (std::size_t a = 0; a < attributes && in.ok(); ++a) table.attributes.push_back(read_attribute(table.size(), in));
    return in.ok() ? std::move(table) : EntityTable();
}

Attribute make_attribute(std::string_view name, AttributeType type, std::size_t width) {
    Attribute attribute;
    attribute.name = name;
    attribute.type = type;
    attribute.width = width;
    if (type == AttributeType::Categories) attribute.offsets.push_back(0);
    if (type == AttributeType::Category || type == AttributeType::Categories) attribute.values.add("");
    return attribute;
}

void drop_unused(Dictionary& values, std::vector<std::uint32_t>& codes) {
    std::vector<std::uint8_t> used(values.size(), 0);
    if (!used.empty()) used[0] = 1;
    for (const auto code : codes) used[code] = 1;
    Dictionary kept;
    std::vector<std::uint32_t> code_now(values.size(), 0);
    for (std::uint32_t code = 0; code < values.size(); ++code) {
        if (used[code] != 0) code_now[code] = kept.add(values[code]);
    }
    for (auto& code : codes) code = code_now[code];
    values = std::move(kept);
}

void EntityTable::keep(const std::vector<std::uint8_t>& kept) {
    Dictionary others;
    for (std::uint32_t row = 0; row < ids.size(); ++row) {
        if (kept[row] != 0) others.add(ids[row]);
    }
    ids = std::move(others);
    for (auto& attribute : attributes) keep_rows(attribute, kept);
}

bool EntityTable::is_blank(std::uint32_t row) const noexcept {
    return std::ranges::all_of(attributes, [row](const Attribute& attribute) { return is_missing(attribute, row); });
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
