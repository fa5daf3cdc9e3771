/// A hand-sized project with hand-made models for the tests of this module: nothing is trained.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/threads.h"
#include "engine/data/catalogue.h"
#include "engine/pipeline/recommender.h"

namespace shortlist::pipeline {

/// 8 items, of which low rows are the more popular, and 3 users: "ann" chose item 0, "ben" nothing, "crowd" everything.
/// Retrievers: `popular`, the three most chosen; `similar`, by which items 2 and then 6 go with item 0.
struct SmallProject {
    static constexpr TimeUs kStart = 1000 * kMinuteUs;
    static constexpr TimeUs kNow = kStart + 10 * kMinuteUs;
    static constexpr UserRow kAnn = 0;
    static constexpr UserRow kBen = 1;
    static constexpr UserRow kCrowd = 2;

    data::Dataset data;
    ModelSpec spec;
    ModelParts parts;

    explicit SmallProject(std::size_t items = 8) {
        for (std::size_t i = 0; i < items; ++i) data.items.add("i" + std::to_string(i));
        for (const auto* user : {"ann", "ben", "crowd"}) data.users.add(user);
        data::SignalConfig chosen;
        chosen.type = "choose";
        spec.signals.emplace_back("chosen", chosen);
        spec.items = items;
        spec.item_ids_sha256 = data::digest_of_ids(data.items, items);
        spec.retrievers.push_back({"popular", RetrieverKind::Popularity, "chosen", /*candidates=*/3, {}});
        spec.retrievers.push_back({"similar", RetrieverKind::ItemToItem, "chosen", /*candidates=*/3, {}});
        spec.surfaces.emplace_back("home", SurfaceConfig{});
        std::vector<models::SimilarItem> similar;
        std::vector<std::uint64_t> offsets{0};
        if (items > 6) similar = {{2, 1.0F}, {6, 0.5F}};
        for (std::size_t i = 0; i < items; ++i) offsets.push_back(similar.size());
        parts.retrievers = {RetrieverModel{}, models::Cooccurrence::create(std::move(offsets), std::move(similar)).value()};
    }

    SurfaceConfig& home() { return spec.surfaces.front().second; }
    /// Adds features that count choices, fading by the hour, of each of these owners.
    void add_counts(const std::vector<std::string>& owners) {
        for (const auto& of : owners) {
            features::FeatureConfig count;
            count.kind = features::FeatureKind::Count;
            count.of = of;
            count.signal = "chosen";
            count.half_life.us = kHourUs;
            spec.features.push_back(count);
        }
    }
    /// Adds the retriever `taste`, with one vector of two numbers an item.
    void add_embeddings(const std::vector<std::pair<float, float>>& vectors) {
        kernels::AlignedVector<float> factors;
        for (const auto& [x, y] : vectors) factors.insert(factors.end(), {x, y});
        const models::FactorizationRule rule;
        ThreadPool pool(1);
        auto gram = models::scaled_gram(factors, 2, rule.unobserved_weight, pool);
        spec.retrievers.push_back({"taste", RetrieverKind::Ials, "chosen", /*candidates=*/3, {}});
        parts.retrievers.emplace_back(models::Factorization::create(std::move(factors), 2, std::move(gram), rule).value());
    }
    /// Adds a feature, and to the ranker a tree that gives `low` where it is at most `threshold`, and `high` where it is above or missing.
    void add_ranker_tree(features::FeatureConfig feature, double threshold, double low, double high) {
        spec.has_ranker = true;
        const std::string tree = std::to_string(spec.features.size());
        spec.features.push_back(std::move(feature));
        trees_ += "Tree=" + tree + "\nnum_leaves=2\nnum_cat=0\nsplit_feature=" + tree + "\nsplit_gain=1\nthreshold=" + std::to_string(threshold) +
                  "\ndecision_type=8\nleft_child=-1\nright_child=-2\nleaf_value=" + std::to_string(low) + " " + std::to_string(high) +
                  "\nleaf_weight=1 1\nleaf_count=1 1\ninternal_value=" + std::to_string((low + high) / 2) +
                  "\ninternal_weight=0\ninternal_count=2\nis_linear=0\nshrinkage=1\n\n\n";
        std::string names;
        std::string infos;
        std::string sizes;
        for (std::size_t f = 0; f < spec.features.size(); ++f) {
            names += (f > 0 ? " f" : "f") + std::to_string(f);
            infos += f > 0 ? " [0:1]" : "[0:1]";
            sizes += f > 0 ? " 1" : "1";
        }
        parts.forest_text = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=" + tree +
                            "\nobjective=lambdarank\nfeature_names=" + names + "\nfeature_infos=" + infos + "\ntree_sizes=" + sizes + "\n\n" +
                            trees_ + "end of trees\n";
    }
    void add_rank_tree(const std::string& retriever, double threshold, double low, double high) {
        features::FeatureConfig rank;
        rank.kind = features::FeatureKind::RetrieverRank;
        rank.retriever = retriever;
        add_ranker_tree(rank, threshold, low, high);
    }
    [[nodiscard]] Result<std::shared_ptr<const ServingModels>> models() const { return ServingModels::create(spec, parts, data); }

private:
    std::string trees_;
};

/// A SmallProject at kNow, ready to be asked.
struct SmallServing {
    const SmallProject& project;
    std::shared_ptr<const ServingModels> models;
    features::Fold fold;
    std::shared_ptr<const World> world;
    Scratch scratch;

    explicit SmallServing(const SmallProject& small)
        : project(small), models(small.models().value()), fold(models->plan(), small.data.items, small.data.users, models->tick()) {
        const std::size_t items = small.data.items.size();
        for (ItemRow item = 0; item < items; ++item) {
            for (std::size_t times = 0; times < items - item; ++times) fold.apply({SmallProject::kStart, SmallProject::kCrowd, item, 1});
        }
        if (items > 0) fold.apply({SmallProject::kStart, SmallProject::kAnn, 0, 1});
        fold.advance_to(SmallProject::kNow);
        world = std::make_shared<World>(models, fold.publish_shared(), items);
    }

    /// The slate's items.
    std::vector<ItemRow> ask(Request request) {
        request.time = SmallProject::kNow;
        std::vector<ItemRow> items;
        const Recommender recommender(project.data.items, project.data.users);
        for (const auto& slot : recommender.recommend(request, fold.user(request.user), *world, scratch)) items.push_back(slot.item);
        return items;
    }
    std::vector<ItemRow> ask(UserRow user) {
        Request request;
        request.user = user;
        return ask(request);
    }
};

}  // namespace shortlist::pipeline
