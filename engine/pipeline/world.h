/// What requests pin between two ticks: shared state, and what the retrievers derive from it. Immutable; any thread may read.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/features/shared_state.h"
#include "engine/pipeline/serving_models.h"

namespace shortlist::pipeline {

class World {
public:
    /// items: rows of the catalogue that may be proposed.
    World(std::shared_ptr<const ServingModels> models, features::SharedState shared, std::size_t items);

    [[nodiscard]] const ServingModels& models() const noexcept { return *models_; }
    [[nodiscard]] const features::SharedState& shared() const noexcept { return shared_; }
    [[nodiscard]] std::size_t items() const noexcept { return items_; }
    /// What retriever `index` derives from shared state; made at the first call, by one thread.
    [[nodiscard]] const retrieval::TickView* view(std::size_t index) const;

private:
    struct LazyView {
        std::once_flag once;
        std::unique_ptr<retrieval::TickView> view;
    };

    std::shared_ptr<const ServingModels> models_;
    features::SharedState shared_;
    std::size_t items_;
    mutable std::vector<LazyView> views_;
};

}  // namespace shortlist::pipeline
