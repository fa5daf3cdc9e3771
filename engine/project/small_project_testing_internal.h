/// A small project on disk with taste in it, for the tests of this module: written, imported and trained in under a second.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/data/importer.h"
#include "engine/project/train_project.h"

namespace shortlist::project {

/// A folder that a test has for itself.
class TestFolder {
public:
    TestFolder() {
        static int count = 0;
        path_ = std::filesystem::path(testing::TempDir()) / ("shortlist-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directories(path_);
    }
    /// A copy of another folder.
    explicit TestFolder(const std::filesystem::path& other) : TestFolder() {
        std::filesystem::copy(other, path_, std::filesystem::copy_options::recursive);
    }
    ~TestFolder() {
        std::error_code code;
        std::filesystem::remove_all(path_, code);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    void write(const std::filesystem::path& name, std::string_view bytes) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << bytes;
    }
    /// The bytes of every file under `name`, by path from there.
    [[nodiscard]] std::map<std::string, std::string> contents(const std::filesystem::path& name) const {
        std::map<std::string, std::string> files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path_ / name)) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            files[entry.path().lexically_relative(path_ / name).string()] = {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        }
        return files;
    }

private:
    std::filesystem::path path_;
};

inline constexpr TimeUs kSmallStart = 20'000 * kDayUs;
inline constexpr TimeUs kSmallDays = 6;
inline constexpr std::uint64_t kSmallItems = 60;
inline constexpr std::uint64_t kSmallUsers = 40;

inline constexpr std::string_view kSmallProject = R"(name: small
data:
  events:
    path: events.csv
    columns: {user: user, item: item, time: {column: time, unit: microseconds}, type: type, event_id: id}
    context: [device]
  items: {path: items.csv, attributes: {category: category, title: text}}
signals:
  watched: {type: watch}
retrievers:
  - {name: taste, kind: ials, embedding_size: 4, epochs: 3, candidates: 15}
  - {name: trending, kind: popularity, half_life: 12h, candidates: 15}
  - {name: similar, kind: item_to_item, candidates: 15}
ranker: {kind: lightgbm, trees: 8, leaves: 4, min_rows_per_leaf: 5, negatives: 10}
surfaces:
  home: {size: 10}
)";

/// 600 requests over six days: three items shown, of which a user mostly watches those of their category. No two events have
/// the same time, so that their order is plain.
inline std::vector<data::Event> small_events() {
    Rng rng(3);
    std::vector<data::Event> events;
    for (int request = 0; request < 600; ++request) {
        const std::uint64_t user = rng.below(kSmallUsers);
        TimeUs time = kSmallStart + request * (kSmallDays * kDayUs / 600);
        for (int position = 0; position < 3; ++position) {
            const std::uint64_t item = std::min(rng.below(kSmallItems), rng.below(kSmallItems));
            data::Event event;
            event.user = "u" + std::to_string(user);
            event.item = "i" + std::to_string(item);
            event.context = {{"device", user % 2 == 0 ? "phone" : "tablet"}};
            const bool watched = rng.chance(item % 3 == user % 3 ? 0.8 : 0.1);
            for (const auto* type : {"impression", "watch"}) {
                if (type == std::string_view("watch") && !watched) continue;
                event.type = type;
                event.time = time += kSecondUs;
                event.event_id = "e" + std::to_string(events.size());
                events.push_back(event);
            }
        }
    }
    return events;
}

/// Writes the project with these events, and imports it. Its clock stands a second behind the last day.
struct SmallProject {
    TestFolder folder;
    base::ManualClock clock{kSmallStart + kSmallDays * kDayUs + kSecondUs};
    ThreadPool pool{2};

    explicit SmallProject(const std::vector<data::Event>& events = small_events()) {
        folder.write("shortlist.yaml", kSmallProject);
        std::string items = "item,category,title\n";
        for (std::uint64_t i = 0; i < kSmallItems; ++i) {
            items += "i" + std::to_string(i) + ",c" + std::to_string(i % 3) + ",Title " + std::to_string(i) + "\n";
        }
        folder.write("items.csv", items);
        std::string rows = "user,item,time,type,id,device\n";
        for (const auto& event : events) {
            rows += event.user + "," + event.item + "," + std::to_string(event.time) + "," + event.type + "," + event.event_id + "," +
                    event.context[0].second + "\n";
        }
        folder.write("events.csv", rows);
        data::ImportOptions import;
        import.clock = &clock;
        const auto imported = data::import_data(project().config.data, folder.path(), import);
        EXPECT_TRUE(imported) << imported.error().message;
    }

    [[nodiscard]] Project project() const { return load_project(folder.path()).value(); }
    [[nodiscard]] Result<TrainOutcome> train(const std::string& bundle, bool promote = true, bool evaluate = false) {
        TrainOptions options;
        options.bundle = bundle;
        options.promote = promote;
        options.evaluate = evaluate;
        return train_project(project(), options, {clock, pool, {}});
    }
};

}  // namespace shortlist::project
