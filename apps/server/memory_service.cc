#include "apps/server/memory_service.h"

#include <algorithm>

namespace shortlist::server {

RecommendResponse MemoryService::respond(const std::vector<ItemId>& items) const {
    RecommendResponse response;
    response.bundle = "b" + std::to_string(reloads_);
    response.logged = true;
    for (const auto& id : items) {
        const auto found = seen_.find(id);
        RecommendedItem item;
        item.id = id;
        item.score = found != seen_.end() ? found->second : 0;
        item.reasons.push_back({"seen", response.items.size() + 1, item.score});
        item.features.push_back({"item_count", item.score, "", item.score / 2});
        response.items.push_back(std::move(item));
    }
    response.stages.push_back({"retrieve", 12});
    return response;
}

Result<RecommendResponse> MemoryService::recommend(const RecommendRequest& request) {
    const std::lock_guard lock(mutex_);
    last_recommend_ = request;
    if (!ready_) return base::unavailable("no bundle is loaded");
    if (!request.surface.empty() && request.surface != "home") return base::invalid_argument("surface: there is home; got " + request.surface);
    std::vector<ItemId> items;
    for (const auto& [id, count] : seen_) {
        const bool excluded = std::find(request.exclude.begin(), request.exclude.end(), id) != request.exclude.end();
        if (!excluded && !done_[request.user].contains(id)) items.push_back(id);
    }
    std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) { return seen_[a] > seen_[b]; });
    if (const std::size_t k = request.k > 0 ? request.k : 10; items.size() > k) items.resize(k);
    return respond(items);
}

Result<RecommendResponse> MemoryService::rank(const RankRequest& request) {
    const std::lock_guard lock(mutex_);
    auto items = request.items;
    std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) { return seen_[a] > seen_[b]; });
    return respond(items);
}

Result<RecommendResponse> MemoryService::similar(const SimilarRequest& request) {
    const std::lock_guard lock(mutex_);
    if (!seen_.contains(request.item)) return base::not_found("item: no such item: " + request.item);
    std::vector<ItemId> items;
    for (const auto& [id, count] : seen_) {
        if (id != request.item && (request.k == 0 || items.size() < request.k)) items.push_back(id);
    }
    return respond(items);
}

void MemoryService::store_events(std::vector<data::Event> events, WriteDone done) {
    const std::lock_guard lock(mutex_);
    std::vector<WriteOutcome> outcomes;
    for (const auto& event : events) {
        if (event.type == "unheard_of") {
            outcomes.push_back({WriteStatus::Rejected, "type: there are watch and like; got unheard_of", "type"});
        } else if (!event.event_id.empty() && !event_ids_.insert(event.event_id).second) {
            outcomes.push_back({WriteStatus::Duplicate, "", ""});
        } else {
            seen_[event.item] += 1;
            done_[event.user].insert(event.item);
            events_.push_back(event);
            outcomes.push_back({WriteStatus::Stored, "", ""});
        }
    }
    done(std::move(outcomes));
}

void MemoryService::upsert_items(std::vector<Entity> items, WriteDone done) {
    const std::lock_guard lock(mutex_);
    for (const auto& item : items) {
        seen_.try_emplace(item.id, 0);
        last_item_ = item;
    }
    done(std::vector<WriteOutcome>(items.size()));
}

void MemoryService::upsert_users(std::vector<Entity> users, WriteDone done) {
    const std::lock_guard lock(mutex_);
    for (const auto& user : users) done_.try_emplace(user.id);
    done(std::vector<WriteOutcome>(users.size()));
}

Result<ForgottenUser> MemoryService::forget_user(const UserId& user) {
    const std::lock_guard lock(mutex_);
    if (done_.erase(user) == 0) return base::not_found("user: nobody is called '" + user + "'");
    return ForgottenUser{user, std::erase_if(events_, [&](const data::Event& event) { return event.user == user; }), 0, 0};
}

Result<Reloaded> MemoryService::reload() {
    const std::lock_guard lock(mutex_);
    Reloaded reloaded{"", "b" + std::to_string(reloads_)};
    reloaded.bundle = "b" + std::to_string(++reloads_);
    return reloaded;
}

Readiness MemoryService::readiness() {
    const std::lock_guard lock(mutex_);
    if (!ready_) return {false, "", "no bundle is loaded"};
    return {true, "b" + std::to_string(reloads_), ""};
}

std::vector<ServiceMetric> MemoryService::metrics() {
    const std::lock_guard lock(mutex_);
    return {{"events_stored_total", "Events stored.", static_cast<double>(events_.size()), true}};
}

void MemoryService::set_ready(bool ready) {
    const std::lock_guard lock(mutex_);
    ready_ = ready;
}

std::vector<data::Event> MemoryService::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

std::size_t MemoryService::item_count() const {
    const std::lock_guard lock(mutex_);
    return seen_.size();
}

RecommendRequest MemoryService::last_recommend() const {
    const std::lock_guard lock(mutex_);
    return last_recommend_;
}

Entity MemoryService::last_item() const {
    const std::lock_guard lock(mutex_);
    return last_item_;
}

}  // namespace shortlist::server
