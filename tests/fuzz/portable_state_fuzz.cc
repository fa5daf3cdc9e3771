// Any bytes are refused as a user's state from another process, or give one that takes further events, and whose own bytes give it again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/features/fold.h"
#include "engine/features/portable_state.h"

namespace {

using namespace shortlist;

features::FeatureConfig feature(features::FeatureKind kind, const char* of, TimeUs half_life, TimeUs window) {
    features::FeatureConfig config;
    config.kind = kind;
    config.of = of;
    config.signal = "chosen";
    config.half_life.us = half_life;
    config.window.us = window;
    return config;
}

// Items with a category, and features that keep state of users of every kind.
struct World {
    data::EntityTable items;
    data::EntityTable users;
    data::EventTable events;
    data::SignalSet signals;

    World() {
        items.attributes.push_back(data::make_attribute("kind", data::AttributeType::Category));
        users.add("u");
        data::SignalConfig chosen;
        chosen.type = "choose";
        signals = data::SignalSet::create({{"chosen", chosen}}).value();
    }
    [[nodiscard]] features::FeaturePlan plan() const {
        using features::FeatureKind;
        return features::FeaturePlan::create({feature(FeatureKind::Count, "user", kHourUs, 0), feature(FeatureKind::Count, "user x item.kind", 0, 0),
                                              feature(FeatureKind::Recency, "user x item", 0, 0), feature(FeatureKind::Distinct, "user", 0, 0),
                                              feature(FeatureKind::Count, "user", 0, kHourUs)},
                                             {items, users, events, signals, {}, true})
            .value();
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    World world;
    const auto plan = world.plan();
    auto state = features::read_portable({reinterpret_cast<const char*>(data), size}, plan, world.items);
    if (!state) {
        SHORTLIST_CHECK(world.items.size() == 0, world.items.size());
        return 0;
    }
    const std::string bytes = features::write_portable(*state, plan, world.items);
    auto again = features::read_portable(bytes, plan, world.items);
    SHORTLIST_CHECK(again.has_value() && features::write_portable(*again, plan, world.items) == bytes, bytes.size());
    const ItemRow item = world.items.add("item");
    features::Fold fold(plan, world.items, world.users);
    fold.set_user(0, std::move(*state));
    (void)fold.apply({kDayUs, 0, item, 1, {}});
    return 0;
}
