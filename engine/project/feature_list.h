/// `shortlist features list`, `explain` and `show`: what the ranker sees.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/config_rules.h"
#include "engine/base/result.h"
#include "engine/features/feature_config.h"
#include "engine/project/project_config.h"

namespace shortlist::project {

/// The definitions of the project, names filled in, checked against its data; with `features: auto`, those derived from it.
/// Errors: FailedPrecondition before the first import; InvalidArgument with a line for each definition that cannot be.
/// Cost: loads the data set.
[[nodiscard]] Result<std::vector<features::FeatureConfig>> list_features(const Project& project);

struct ExplainedFeature {
    features::FeatureConfig config;
    std::string text;
};
/// What one of them measures and costs. Errors: as list_features(), and NotFound naming the nearest.
[[nodiscard]] Result<ExplainedFeature> explain_feature(const Project& project, const std::string& name);

struct ShowFeaturesOptions {
    std::string user;
    std::string item;
    std::string at;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("user", user, base::text(0, 256), "User who asks; one who is not known is a newcomer.");
        v.required_field("item", item, base::text(1, 256), "Item that is looked at.");
        v.field("at", at, base::text(0, 64),
                "As of a time such as 2026-01-31T12:00:00Z, or of the first so many events; empty: now, which is the time of the newest event.");
    }
};

struct ShownFeature {
    std::string name;
    float value = 0;    ///< NaN: missing.
    std::string state;  ///< See features::state_behind().
};
struct ShownFeatures {
    std::string bundle;
    std::uint64_t events = 0;  ///< That had happened.
    TimeUs time = 0;           ///< At which it is asked.
    TimeUs tick = 0;           ///< At which shared counts are read.
    bool known_user = false;
    std::vector<ShownFeature> features;
};
/// What the ranker of the bundle in force would see of an item, had the user asked then. Cost: loads the data set and folds it.
/// Errors: FailedPrecondition (no bundle, no events), NotFound (item), InvalidArgument (at).
[[nodiscard]] Result<ShownFeatures> show_features(const Project& project, const ShowFeaturesOptions& options);

}  // namespace shortlist::project
