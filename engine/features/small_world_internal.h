/// A hand-sized project for the tests of this module: 3 users, 4 items, an impression and two signals.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/data/dataset.h"
#include "engine/data/signals.h"
#include "engine/features/plan.h"

namespace shortlist::features {

struct SmallWorld {
    data::Dataset data;
    data::SignalSet signals;
    std::vector<std::string> retrievers{"taste"};

    explicit SmallWorld(std::size_t users = 3, std::size_t items = 4) {
        data.items.attributes.push_back(data::make_attribute("category", data::AttributeType::Category));
        data.items.attributes.push_back(data::make_attribute("length", data::AttributeType::Number));
        data.items.attributes.push_back(data::make_attribute("uploaded_at", data::AttributeType::Time));
        data.users.attributes.push_back(data::make_attribute("country", data::AttributeType::Category));
        for (std::size_t i = 0; i < items; ++i) {
            const auto row = data.items.add("item" + std::to_string(i));
            data.items.attributes[0].codes[row] = data.items.attributes[0].values.add(i % 2 == 0 ? "music" : "sport");
            data.items.attributes[1].numbers[row] = static_cast<float>(10 * (i + 1));
            data.items.attributes[2].times[row] = static_cast<TimeUs>(i) * kHourUs;
        }
        for (std::size_t u = 0; u < users; ++u) {
            const auto row = data.users.add("user" + std::to_string(u));
            data.users.attributes[0].codes[row] = data.users.attributes[0].values.add(u % 2 == 0 ? "de" : "fr");
        }
        data::SignalConfig watched;
        watched.type = "watch";
        watched.value.at_least = 0.5;
        data::SignalConfig liked;
        liked.type = "like";
        signals = data::SignalSet::create({{"watched", watched}, {"liked", liked}}).value();
        data.events.context_names.emplace_back("device");
        data.events.context_values.emplace_back();
        for (const auto* device : {"", "phone", "tablet"}) data.events.context_values[0].add(device);
    }

    [[nodiscard]] PlanInputs inputs() const { return {data.items, data.users, data.events, signals, retrievers, true}; }
};

}  // namespace shortlist::features
