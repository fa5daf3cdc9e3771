#include "engine/pipeline/world.h"

#include <utility>

namespace shortlist::pipeline {

World::World(std::shared_ptr<const ServingModels> models, features::SharedState shared, std::size_t items)
    : models_(std::move(models)), shared_(std::move(shared)), items_(items), views_(models_->retrievers().size()) {}

const retrieval::TickView* World::view(std::size_t index) const {
    LazyView& lazy = views_[index];
    std::call_once(lazy.once, [&] { lazy.view = models_->retrievers()[index]->view(shared_, items_); });
    return lazy.view.get();
}

}  // namespace shortlist::pipeline
