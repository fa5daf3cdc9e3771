/// Generated ranking rows with known truth, and LightGBM's own prediction: for the tests and the bench of this module.
#pragma once

#include <LightGBM/c_api.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/training/ranking_rows.h"

namespace shortlist::training {

/// Features 0 and 1 make the label, feature 2 (categorical, codes 0..69) too: codes divisible by 3 add a grade. The others are
/// noise. A tenth of feature 1 is missing, two thirds of feature 3 are zero, a few values of feature 4 are infinite.
/// Requests have 20 rows; labels are 0..4, or 0 and 1 when `binary`. Requires features >= 5.
inline RankingRows generated_rows(std::size_t requests, std::size_t features, bool binary, std::uint64_t seed) {
    Rng rng(seed);
    RankingRows rows;
    for (std::size_t feature = 0; feature < features; ++feature) rows.feature_names.push_back("f" + std::to_string(feature));
    rows.categorical.assign(features, 0);
    rows.categorical[2] = 1;
    rows.group_sizes.assign(requests, 20);
    for (std::size_t row = 0; row < requests * 20; ++row) {
        std::vector<float> values(features);
        for (float& value : values) value = static_cast<float>(rng.normal());
        values[2] = static_cast<float>(rng.below(70));
        const double truth = values[0] + values[1] + (rng.chance(0.5) ? 0.3 : -0.3) + (static_cast<int>(values[2]) % 3 == 0 ? 1.0 : 0.0);
        rows.labels.push_back(binary ? (truth > 1.0 ? 1.0F : 0.0F) : std::clamp(std::floor(static_cast<float>(truth)), 0.0F, 4.0F));
        if (rng.chance(0.1)) values[1] = std::numeric_limits<float>::quiet_NaN();
        if (rng.chance(0.67)) values[3] = 0.0F;
        if (rng.chance(0.05)) values[4] = rng.chance(0.5) ? std::numeric_limits<float>::infinity() : -std::numeric_limits<float>::infinity();
        rows.values.insert(rows.values.end(), values.begin(), values.end());
    }
    return rows;
}

/// A model as LightGBM itself loads it from text.
class LightGbmModel {
public:
    explicit LightGbmModel(const std::string& text) {
        int iterations = 0;
        void* handle = nullptr;
        SHORTLIST_CHECK(LGBM_BoosterLoadModelFromString(text.c_str(), &iterations, &handle) == 0, LGBM_GetLastError());
        booster_.reset(handle);
    }

    /// Raw scores of rows of shape (rows, features), by one thread.
    [[nodiscard]] std::vector<double> score(std::span<const float> rows, std::size_t features) const {
        std::vector<double> scores(rows.size() / features);
        std::int64_t count = 0;
        const int code = LGBM_BoosterPredictForMat(booster_.get(), rows.data(), C_API_DTYPE_FLOAT32, static_cast<std::int32_t>(scores.size()),
                                                   static_cast<std::int32_t>(features), /*is_row_major=*/1, C_API_PREDICT_RAW_SCORE, 0, -1,
                                                   "num_threads=1 verbosity=-1", &count, scores.data());
        SHORTLIST_CHECK(code == 0, LGBM_GetLastError());
        return scores;
    }

private:
    struct Free {
        void operator()(void* handle) const { LGBM_BoosterFree(handle); }
    };
    std::unique_ptr<void, Free> booster_;
};

}  // namespace shortlist::training
