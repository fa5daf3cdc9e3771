/// A small engine in memory, for tests of the HTTP layer: it counts, remembers and recommends by how often items were seen.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "apps/server/service.h"

namespace shortlist::server {

/// Recommends every item it knows, most events first, ties by id, without what the user did before. Remembers the last requests.
class MemoryService final : public Service {
public:
    Result<RecommendResponse> recommend(const RecommendRequest& request) override;
    Result<RecommendResponse> rank(const RankRequest& request) override;
    Result<RecommendResponse> similar(const SimilarRequest& request) override;
    void store_events(std::vector<data::Event> events, WriteDone done) override;
    void upsert_items(std::vector<Entity> items, WriteDone done) override;
    void upsert_users(std::vector<Entity> users, WriteDone done) override;
    Result<ForgottenUser> forget_user(const UserId& user) override;
    Result<Reloaded> reload() override;
    Readiness readiness() override;
    std::vector<ServiceMetric> metrics() override;

    void set_ready(bool ready);
    [[nodiscard]] std::vector<data::Event> events() const;
    [[nodiscard]] std::size_t item_count() const;
    [[nodiscard]] RecommendRequest last_recommend() const;
    [[nodiscard]] Entity last_item() const;

private:
    RecommendResponse respond(const std::vector<ItemId>& items) const;

    mutable std::mutex mutex_;
    bool ready_ = true;
    int reloads_ = 0;
    std::map<ItemId, double> seen_;
    std::map<UserId, std::set<ItemId>> done_;
    std::set<std::string> event_ids_;
    std::vector<data::Event> events_;
    RecommendRequest last_recommend_;
    Entity last_item_;
};

}  // namespace shortlist::server
