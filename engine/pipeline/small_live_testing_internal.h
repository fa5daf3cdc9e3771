/// A small project on disk, imported and with models made by hand, that tests open and write. Private to the tests of engine/pipeline.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/importer.h"
#include "engine/pipeline/live_project.h"
#include "engine/pipeline/small_models_testing_internal.h"

namespace shortlist::pipeline {

inline std::vector<std::string> ids_of(const LiveSlate& slate) {
    std::vector<std::string> ids;
    for (const auto& item : slate.items) ids.push_back(item.id);
    return ids;
}

inline LiveRequest by(const std::string& user) {
    LiveRequest request;
    request.user = user;
    return request;
}

/// The events of SmallServing, imported from a file: crowd chose item i 8 - i times, and ann item 0, all at kStart; before them, ben
/// looked at item 7. It is kNow.
class SmallLive : public testing::Test {
protected:
    void SetUp() override {
        static int count = 0;
        folder_ = std::filesystem::path(testing::TempDir()) / ("shortlist-live-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directories(folder_);
        std::ofstream items(folder_ / "items.csv");
        std::ofstream events(folder_ / "events.csv");
        items << "item,kind,title,words\n";
        events << "user,item,time,type,id,device\n";
        int id = 0;
        const auto add = [&](const std::string& user, int item) {
            events << user << ",i" << item << "," << SmallProject::kStart << ",choose,e" << id++ << ",phone\n";
        };
        for (int item = 0; item < 8; ++item) {
            items << "i" << item << ",thing,Title " << item << ",Words\n";
            for (int times = 0; times < 8 - item; ++times) add("crowd", item);
        }
        add("ann", 0);
        events << "ben,i7," << SmallProject::kStart - 1 << ",look,e99,tablet\n";
        items.close();
        events.close();
        data::DataConfig config;
        config.events.path = {"events.csv"};
        config.events.columns = {
            .user = "user", .item = "item", .time = {}, .type = "type", .value = "", .event_id = "id", .request_id = "", .position = ""};
        config.events.columns.time.column = "time";
        config.events.columns.time.unit = data::TimeUnit::Microseconds;
        config.events.context = {"device"};
        config.items.path = {"items.csv"};
        config.items.id = "item";
        config.items.attributes["kind"].type = data::AttributeType::Category;
        config.items.attributes["title"].type = data::AttributeType::Text;
        config.items.attributes["words"].type = data::AttributeType::Text;
        data::ImportOptions import;
        import.clock = &clock_;
        const auto imported = data::import_data(config, folder_, import);
        ASSERT_TRUE(imported) << imported.error().message;
        small_.data = data::load_dataset(folder_).value();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    // Puts the models in force, as the bundle `name`.
    void promote(const std::string& name) {
        auto draft = data::BundleDraft::create(folder_ / "bundles", name).value();
        ASSERT_TRUE(save_models(small_.spec, small_.parts, draft, ""));
        ASSERT_TRUE(std::move(draft).commit());
        ASSERT_TRUE(data::promote_bundle(folder_ / "bundles", name));
    }
    std::unique_ptr<LiveProject> open(LiveOptions options = {}) {
        if (!std::filesystem::exists(folder_ / "bundles")) promote("first");
        auto live = LiveProject::open(folder_, clock_, options);
        EXPECT_TRUE(live) << live.error().message;
        return std::move(*live);
    }
    [[nodiscard]] data::Event choose(const std::string& user, const std::string& item, const std::string& id = "") const {
        data::Event event;
        event.event_id = id;
        event.time = clock_.now();
        event.user = user;
        event.item = item;
        event.type = "choose";
        return event;
    }
    // Strangers who choose an item now.
    [[nodiscard]] std::vector<data::Event> crowd(const std::string& item, int count) const {
        std::vector<data::Event> events;
        for (int i = 0; i < count; ++i) events.push_back(choose("stranger" + std::to_string(i), item));
        return events;
    }
    static std::vector<std::string> list(LiveProject& live, const std::string& user) { return ids_of(live.recommend(by(user)).value()); }

    SmallProject small_;
    base::ManualClock clock_{SmallProject::kNow};
    std::filesystem::path folder_;
};

}  // namespace shortlist::pipeline
