/// A surface: a named place where slates appear, with its own policy.
#pragma once

#include <cstddef>

#include "engine/base/config_rules.h"

namespace shortlist::pipeline {

enum class DiversityKind { Mmr };

struct DiversityConfig {
    DiversityKind kind = DiversityKind::Mmr;
    double weight = 0;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("kind", kind, base::one_of<DiversityKind>({{"mmr", DiversityKind::Mmr}}), "mmr: maximal marginal relevance.");
        v.field("weight", weight, base::range(0, 1), "0 keeps the ranker's order; towards 1 unlike items come forward.");
    }
};

/// Far more than any history: what was seen stays hidden.
inline constexpr base::Duration kHideForEver{36'500 * kDayUs};

struct SurfaceConfig {
    std::size_t size = 20;
    DiversityConfig diversity;
    base::Duration hide_seen = kHideForEver;

    template <class Visitor>
    void describe(Visitor& v) {
        v.field("size", size, base::range(1, 1000), "Items of a slate where a request does not say.");
        v.field("diversity", diversity, "How unlike each other the items of a slate are made.");
        v.field("hide_seen", hide_seen, base::range(0, 36'500 * kDayUs),
                "How long an item that the user met stays out of their slates; 0s shows it again at once.");
    }
};

}  // namespace shortlist::pipeline
