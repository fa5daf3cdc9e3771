#include "engine/project/init_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "engine/project/project_config.h"

namespace shortlist::project {

namespace {

using testing::HasSubstr;

class InitProject : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / ("init_project_test_" + std::to_string(std::random_device{}()));
        std::filesystem::create_directories(folder_ / "data");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }
    InitOptions options_for(const std::string& events) {
        InitOptions options;
        options.events = events;
        return options;
    }

    std::filesystem::path folder_;
};

}  // namespace

TEST_F(InitProject, writes_a_project_that_loads_with_the_mapping_it_reports) {
    InitOptions options = options_for(
        write("data/events.csv", "user_id,item id,timestamp,type\nu1,i1,1650000000,click\nu2,i2,1650000001,purchase\nu1,i2,1650000002,click\n"));
    options.items = write("data/items.csv", "item id,category,price\ni1,a,1.5\ni2,b,2.5\n");
    options.name = "shop: one";
    const auto report = init_project(folder_, options);
    ASSERT_TRUE(report) << report.error().message;
    const auto project = load_project(folder_);
    ASSERT_TRUE(project) << project.error().message;
    const auto& config = project->config;
    EXPECT_EQ(config.name, "shop: one");
    EXPECT_EQ(config.data.events.path.at(0), "data/events.csv") << "from the project's folder";
    EXPECT_EQ(config.data.events.columns.item, "item id");
    EXPECT_EQ(config.data.events.columns.time.column, "timestamp");
    EXPECT_EQ(config.data.items.id, "item id");
    EXPECT_EQ(config.data.items.attributes.at("price").type, data::AttributeType::Number);
    ASSERT_EQ(config.signals.size(), 2U);
    EXPECT_EQ(config.signals[0].first, "click");
    EXPECT_EQ(config.signals[1].second.weight, 5);
    EXPECT_TRUE(check_files(*project));
    bool says_user = false;
    for (const auto& guess : report->guesses)
        says_user = says_user || (guess.what == "events: user" && guess.choice == "user_id" && guess.why == "by its name");
    EXPECT_TRUE(says_user);
}

TEST_F(InitProject, invents_no_times) {
    const auto report = init_project(folder_, options_for(write("e.csv", "user,item\na,b\nc,d\n")));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->text, HasSubstr("time: none"));
    const auto project = load_project(folder_);
    ASSERT_TRUE(project) << project.error().message;
    EXPECT_EQ(project->config.data.events.columns.time.form(), data::TimeForm::None);
    EXPECT_EQ(project->config.split.by, eval::SplitBy::Random);
}

TEST_F(InitProject, never_writes_over_a_project_unless_told) {
    const auto options = options_for(write("e.csv", "user,item\na,b\n"));
    write("shortlist.yaml", "precious");
    const auto refused = init_project(folder_, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::AlreadyExists);
    auto forced = options;
    forced.force = true;
    EXPECT_TRUE(init_project(folder_, forced));
    EXPECT_TRUE(load_project(folder_));
}

TEST_F(InitProject, leaves_nothing_behind_when_it_fails) {
    EXPECT_FALSE(init_project(folder_, options_for(write("e.csv", "a,b\n1,2\n"))));
    EXPECT_FALSE(init_project(folder_, options_for(write("empty.csv", ""))));
    EXPECT_EQ(init_project(folder_, options_for((folder_ / "none.csv").string())).error().code, ErrorCode::NotFound);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "shortlist.yaml"));
}

}  // namespace shortlist::project
