#include "engine/pipeline/serving_models.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/catalogue.h"
#include "engine/retrieval/embedding.h"
#include "engine/retrieval/item_to_item.h"
#include "engine/retrieval/popularity.h"

namespace shortlist::pipeline {

namespace {

constexpr std::string_view kSpecFile = "models.json";
constexpr std::string_view kForestFile = "ranker.txt";
// What may be hidden from one request: a user's history, and as many exclusions as a request may name.
constexpr std::size_t kHiddenMax = features::kHistoryMax + 1000;

std::string model_file(const RetrieverSpec& spec, std::string_view prefix) { return std::string(prefix) + "retrievers/" + spec.name + ".bin"; }

Result<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return base::not_found(path.string() + ": cannot be opened");
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (in.bad()) return base::data_loss(path.string() + ": cannot be read");
    return bytes;
}

Result<RetrieverModel> load_retriever(const RetrieverSpec& spec, const data::Bundle& bundle, std::string_view prefix) {
    if (spec.kind == RetrieverKind::Popularity) return RetrieverModel{};
    SHORTLIST_ASSIGN(const auto path, bundle.file(model_file(spec, prefix)));
    if (spec.kind == RetrieverKind::Ials) {
        SHORTLIST_ASSIGN(auto model, models::Factorization::load(path));
        return RetrieverModel(std::move(model));
    }
    SHORTLIST_ASSIGN(auto model, models::Cooccurrence::load(path));
    return RetrieverModel(std::move(model));
}

bool reads_proposal(const features::FeatureColumn& column) {
    return column.config.kind == features::FeatureKind::RetrieverScore || column.config.kind == features::FeatureKind::RetrieverRank;
}

}  // namespace

Status save_models(const ModelSpec& spec, const ModelParts& parts, data::BundleDraft& draft, std::string_view prefix) {
    SHORTLIST_TRY(draft.write_file(std::string(prefix) + std::string(kSpecFile), to_json(spec)));
    for (std::size_t r = 0; r < spec.retrievers.size(); ++r) {
        if (spec.retrievers[r].kind == RetrieverKind::Popularity) continue;
        SHORTLIST_ASSIGN(const auto path, draft.add_file(model_file(spec.retrievers[r], prefix)));
        if (const auto* factors = std::get_if<models::Factorization>(&parts.retrievers[r])) {
            SHORTLIST_TRY(factors->save(path));
        } else if (const auto* lists = std::get_if<models::Cooccurrence>(&parts.retrievers[r])) {
            SHORTLIST_TRY(lists->save(path));
        }
    }
    if (!spec.has_ranker) return {};
    return draft.write_file(std::string(prefix) + std::string(kForestFile), parts.forest_text);
}

Result<std::shared_ptr<const ServingModels>> ServingModels::load(const data::Bundle& bundle, std::string_view prefix,
                                                                 const data::Dataset& catalogue) {
    SHORTLIST_ASSIGN(const auto spec_path, bundle.file(std::string(prefix) + std::string(kSpecFile)));
    SHORTLIST_ASSIGN(const auto spec_text, read_file(spec_path));
    SHORTLIST_ASSIGN(ModelSpec spec, parse_model_spec(spec_text));
    ModelParts parts;
    for (const auto& retriever : spec.retrievers) {
        SHORTLIST_ASSIGN(auto model, load_retriever(retriever, bundle, prefix));
        parts.retrievers.push_back(std::move(model));
    }
    if (spec.has_ranker) {
        SHORTLIST_ASSIGN(const auto forest_path, bundle.file(std::string(prefix) + std::string(kForestFile)));
        SHORTLIST_ASSIGN(parts.forest_text, read_file(forest_path));
    }
    return create(std::move(spec), std::move(parts), catalogue);
}

Result<std::shared_ptr<const ServingModels>> ServingModels::create(ModelSpec spec, ModelParts parts, const data::Dataset& catalogue) {
    if (spec.items > catalogue.items.size() || data::digest_of_ids(catalogue.items, spec.items) != spec.item_ids_sha256) {
        return base::failed_precondition("the bundle was made for another catalogue (" + base::format_count(spec.items) + " items; this one has " +
                                         base::format_count(catalogue.items.size()) + "); run `shortlist train`");
    }
    if (spec.surfaces.empty()) return base::data_loss("models.json: surfaces: at least one is needed");
    if (parts.retrievers.size() != spec.retrievers.size()) {
        return base::data_loss("retriever models: " + std::to_string(parts.retrievers.size()) + ", the bundle defines " +
                               std::to_string(spec.retrievers.size()));
    }
    std::shared_ptr<ServingModels> models(new ServingModels());
    models->spec_ = std::move(spec);
    SHORTLIST_TRY(models->bind(catalogue));
    for (std::size_t r = 0; r < models->spec_.retrievers.size(); ++r) {
        SHORTLIST_TRY(models->add_retriever(r, std::move(parts.retrievers[r])));
    }
    if (models->spec_.has_ranker) {
        SHORTLIST_ASSIGN(models->ranker_, models::Forest::parse(parts.forest_text));
        if (models->ranker_->feature_count() != models->plan_.columns().size()) {
            return base::data_loss("the ranker reads " + std::to_string(models->ranker_->feature_count()) + " features, the bundle defines " +
                                   std::to_string(models->plan_.columns().size()));
        }
    }
    return std::shared_ptr<const ServingModels>(std::move(models));
}

// Lays out the state of features and popularity retrievers, and gives categories the codes of training.
Status ServingModels::bind(const data::Dataset& catalogue) {
    std::vector<data::Signal> signals;
    for (const auto& [name, config] : spec_.signals) signals.push_back({name, config});
    SHORTLIST_ASSIGN(signals_, data::SignalSet::create(std::move(signals)));
    std::vector<std::string> names;
    std::vector<features::LeaderboardConfig> leaderboards;
    for (const auto& retriever : spec_.retrievers) {
        names.push_back(retriever.name);
        if (retriever.kind == RetrieverKind::Popularity)
            leaderboards.push_back({retriever.signal, retriever.half_life.us, retriever.candidates + kHiddenMax});
    }
    const features::PlanInputs inputs{catalogue.items, catalogue.users, catalogue.events, signals_, names, spec_.has_times};
    SHORTLIST_ASSIGN(plan_, features::FeaturePlan::create(spec_.features, inputs, leaderboards));
    if (!spec_.categories.empty()) {
        if (spec_.categories.size() != plan_.columns().size()) return base::data_loss("models.json: categories: one entry a feature is needed");
        std::vector<std::vector<std::string>> values;
        for (const auto& category : spec_.categories) values.push_back(category.values);
        plan_.bind_categories(values, inputs);
    }
    reads_proposals_ = std::any_of(plan_.columns().begin(), plan_.columns().end(), reads_proposal);
    return {};
}

Status ServingModels::add_retriever(std::size_t index, RetrieverModel model) {
    const RetrieverSpec& spec = spec_.retrievers[index];
    SHORTLIST_ASSIGN(const std::size_t signal, signals_.find(spec.signal));
    if (auto* factors = std::get_if<models::Factorization>(&model)) {
        if (factors->items() > spec_.items) return base::data_loss("retriever " + spec.name + ": more items than the catalogue");
        SHORTLIST_ASSIGN(auto retriever, retrieval::EmbeddingRetriever::create(spec.name, signal, std::move(*factors)));
        retrievers_.push_back(std::move(retriever));
    } else if (auto* lists = std::get_if<models::Cooccurrence>(&model)) {
        if (lists->items() > spec_.items) return base::data_loss("retriever " + spec.name + ": more items than the catalogue");
        retrievers_.push_back(std::make_unique<retrieval::ItemToItemRetriever>(spec.name, signal, std::move(*lists)));
    } else {
        const auto before = std::count_if(spec_.retrievers.begin(), spec_.retrievers.begin() + static_cast<std::ptrdiff_t>(index),
                                          [](const RetrieverSpec& other) { return other.kind == RetrieverKind::Popularity; });
        retrievers_.push_back(std::make_unique<retrieval::PopularityRetriever>(spec.name, plan_, static_cast<std::size_t>(before)));
    }
    return {};
}

retrieval::Retriever::Embeddings ServingModels::embeddings() const noexcept {
    for (const auto& retriever : retrievers_) {
        if (const auto found = retriever->embeddings(); !found.values.empty()) return found;
    }
    return {};
}

Result<std::size_t> ServingModels::find_surface(std::string_view name) const {
    if (name.empty()) return std::size_t{0};
    std::vector<std::string> names;
    for (std::size_t s = 0; s < spec_.surfaces.size(); ++s) {
        if (spec_.surfaces[s].first == name) return s;
        names.push_back(spec_.surfaces[s].first);
    }
    const std::string near = base::nearest(name, names);
    return base::invalid_argument("surface: no surface is called '" + base::printable(name) + "'; there are " + base::join(names) +
                                  (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

}  // namespace shortlist::pipeline
