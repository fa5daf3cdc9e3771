/// What a data set says, as texts that do not depend on the numbers of its codes. Private to the tests of engine/data.
#pragma once

#include <string>
#include <vector>

#include "engine/data/dataset.h"

namespace shortlist::data {

inline std::string row_text(const EntityTable& table, std::uint32_t row) {
    std::string text(table.ids[row]);
    for (const auto& attribute : table.attributes) {
        text += ' ' + attribute.name + '=';
        switch (attribute.type) {
            case AttributeType::Number: text += std::to_string(attribute.numbers[row]); break;
            case AttributeType::Time: text += std::to_string(attribute.times[row]); break;
            case AttributeType::Text: text += attribute.texts[row]; break;
            case AttributeType::Category: text += attribute.values[attribute.codes[row]]; break;
            case AttributeType::Vector:
                for (std::size_t d = 0; d < attribute.width; ++d) text += std::to_string(attribute.numbers[row * attribute.width + d]) + ',';
                break;
            case AttributeType::Categories:
                for (auto c = attribute.offsets[row]; c < attribute.offsets[row + 1]; ++c) {
                    text += std::string(attribute.values[attribute.codes[c]]) + ',';
                }
                break;
        }
    }
    return text;
}

inline std::vector<std::string> row_texts(const EntityTable& table) {
    std::vector<std::string> texts;
    for (std::uint32_t row = 0; row < table.size(); ++row) texts.push_back(row_text(table, row));
    return texts;
}

inline std::string event_text(const Dataset& data, std::size_t i) {
    const EventTable& events = data.events;
    std::string text = std::to_string(events.time[i]) + ' ' + std::string(data.users.ids[events.user[i]]) + ' ' +
                       std::string(data.items.ids[events.item[i]]) + ' ' + std::string(events.types[events.type[i]]) + ' ' +
                       std::to_string(events.value[i]) + ' ' + std::to_string(events.id[i].high) + ' ' + std::to_string(events.request[i]);
    for (std::size_t field = 0; field < events.context.size(); ++field)
        text += ' ' + std::string(events.context_values[field][events.context[field][i]]);
    return text;
}

inline std::vector<std::string> event_texts(const Dataset& data) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < data.events.size(); ++i) texts.push_back(event_text(data, i));
    return texts;
}

}  // namespace shortlist::data
