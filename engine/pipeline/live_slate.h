/// Lists as the outside world asks for them and gets them: ids, titles, and reasons in place of rows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/data/record.h"
#include "engine/pipeline/recommender.h"

namespace shortlist::pipeline {

/// A question in the outside world's ids. Its list is logged where it has a request_id.
struct LiveRequest : data::ListRequest {
    bool explain = false;
};

/// Why an item is there.
struct Reason {
    std::string retriever;
    std::size_t rank = 0;  ///< 1 the best.
    float score = 0;
};
struct FeatureReason {
    std::string name;
    float value = 0;
    double contribution = 0;  ///< To the ranker's score.
};

struct LiveItem {
    std::string id;
    float score = 0;
    std::string title;                    ///< The catalogue's first text attribute; empty where there is none.
    std::vector<Reason> reasons;          ///< Filled when asked for.
    std::vector<FeatureReason> features;  ///< The five that moved the score most; filled when asked for.
};

struct LiveSlate {
    std::string bundle;
    bool logged = false;  ///< The list is in the log, or waits to be written there.
    std::vector<LiveItem> items;
    std::vector<std::string> degraded;
    std::vector<Trace::Stage> stages;
};

/// An item as it stands in a list, without reasons.
[[nodiscard]] LiveItem describe(ItemRow item, float score, const data::EntityTable& items);
/// Adds why the item has its slot. scratch: that of the request which gave the slot.
void explain(const Scratch& scratch, const SlateItem& slot, const ServingModels& models, LiveItem& item);
/// What the ranker read of each item, one row behind the other; empty without a ranker.
[[nodiscard]] std::vector<float> ranker_rows(std::span<const SlateItem> slots, const Scratch& scratch, const ServingModels& models);

}  // namespace shortlist::pipeline
