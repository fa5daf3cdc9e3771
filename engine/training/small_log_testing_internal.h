/// A small log with taste for the tests of this module, and a project's training options to go with it.
#pragma once

#include <string>

#include "engine/base/random.h"
#include "engine/data/dataset.h"
#include "engine/training/train.h"

namespace shortlist::training {

inline constexpr TimeUs kSmallLogStart = 20'000 * kDayUs;

inline data::Event small_event(TimeUs time, std::uint64_t user, std::uint64_t item, std::string type) {
    data::Event event;
    event.time = time;
    event.user = "u" + std::to_string(user);
    event.item = "i" + std::to_string(item);
    event.type = std::move(type);
    return event;
}

/// 600 requests over six days, each of one of 40 users, who is shown three of 60 items and mostly watches those whose category is
/// theirs. No two events have the same time.
inline data::Dataset small_log(std::uint64_t seed = 1) {
    data::Dataset data;
    data.items.attributes.push_back(data::make_attribute("category", data::AttributeType::Category));
    for (std::size_t i = 0; i < 60; ++i) {
        const auto row = data.items.add("i" + std::to_string(i));
        data.items.attributes[0].codes[row] = data.items.attributes[0].values.add("c" + std::to_string(i % 3));
    }
    for (std::size_t u = 0; u < 40; ++u) data.users.add("u" + std::to_string(u));
    Rng rng(seed);
    for (int request = 0; request < 600; ++request) {
        const std::uint64_t user = rng.below(40);
        TimeUs time = kSmallLogStart + request * (6 * kDayUs / 600);
        for (int position = 0; position < 3; ++position) {
            const std::uint64_t item = std::min(rng.below(60), rng.below(60));
            auto shown = small_event(time += kSecondUs, user, item, "impression");
            shown.request_id = "r" + std::to_string(request);
            shown.position = position;
            data::append_event(shown, data);
            if (!rng.chance(item % 3 == user % 3 ? 0.8 : 0.1)) continue;
            data::append_event(small_event(time += kSecondUs, user, item, "watch"), data);
            if (rng.chance(0.2)) data::append_event(small_event(time += kSecondUs, user, item, "like"), data);
        }
    }
    data.imported_events = data.events.size();
    return data;
}

/// Between the events items change their category, and ticks of a clock that is ahead pass; to be applied (data::apply_changes()).
inline void add_small_changes(data::Dataset& data) {
    for (std::size_t i = 5; i < data.events.size(); i += 11) {
        data::ItemUpsert item;
        item.id = "i" + std::to_string(i % 60);
        item.attributes = {{"category", "c" + std::to_string(i % 7)}};
        data.changes.push_back({i, item});
        if (i % 3 == 0) data.changes.push_back({i, data::Tick{data.events.time[i] + kMinuteUs}});
    }
    data.changes.push_back({data.events.size(), data::Tick{data.events.time.back() + kDayUs}});
}

inline TrainingConfig small_config() {
    TrainingConfig config;
    config.signals.emplace_back("watched", data::SignalConfig{"watch", {}, 1.0});
    config.signals.emplace_back("liked", data::SignalConfig{"like", {}, 3.0});
    IalsRetrieverConfig taste;
    taste.candidates = 15;
    taste.model.embedding_size = 4;
    taste.model.epochs = 3;
    PopularityRetrieverConfig popular;
    popular.candidates = 15;
    ItemToItemRetrieverConfig similar;
    similar.candidates = 15;
    config.retrievers = {taste, popular, similar};
    LightGbmRankerConfig ranker;
    ranker.negatives = 10;
    ranker.model.trees = 8;
    ranker.model.leaves = 4;
    ranker.model.min_rows_per_leaf = 5;
    config.ranker = ranker;
    pipeline::SurfaceConfig home;
    home.size = 10;
    config.surfaces.emplace_back("home", home);
    return config;
}

}  // namespace shortlist::training
