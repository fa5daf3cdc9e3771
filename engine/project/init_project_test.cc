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

TEST_F(InitProject, writes_down_every_column_of_a_log_of_typed_events) {
    InitOptions options = options_for(write("data/events.csv",
                                            "user,item,time,type,value,event_id,request_id,position,device,maker\n"
                                            "u1,i1,1650000000,watch,0.25,e1,r1,0,phone,it's\n"
                                            "u2,i2,1650000001,watch,0.5,e2,r2,1,tv,its\n"
                                            "u2,i1,1650000002,skip,,e3,r2,1,tv,its\n"));
    options.items = write("data/items.csv", "item\ni1\ni2\n");
    options.users = write("data/users.csv", "user,an age that people seldom tell us about,_x./-9,off\nu1,33,a b,on\nu2,44,b c,off\n");
    options.name = "typed";
    const auto report = init_project(folder_, options);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->text, R"(# Written by 'shortlist init' from a look at the data. 'shortlist config print' shows every option and its default.
name: typed
data:
  events:
    path: data/events.csv
    columns:                            # what is called how in the file
      user: user
      item: item
      time: time                        # numbers since 1970, or dates
      type: type
      value: value
      event_id: event_id
      request_id: request_id
      position: position
    context: [device, maker]            # circumstances of an event
  items:
    path: data/items.csv
    id: item
  users:
    path: data/users.csv
    id: user
    attributes:                         # number, category, categories, text, vector or time
      'an age that people seldom tell us about': number
      _x./-9: text
      'off': category

# What models learn from; the first matters most. Negative weights are dislikes.
signals:
  watch: {type: watch, value: {at_least: 0.5}, weight: 1}
  skip: {type: skip, weight: -1}
)");
    EXPECT_EQ(report->file, folder_ / "shortlist.yaml");
    std::ifstream written(report->file);
    EXPECT_EQ(report->text, std::string(std::istreambuf_iterator<char>(written), {}));
    EXPECT_EQ(load_project(folder_)->config.data.users.attributes.size(), 3U);
}

TEST_F(InitProject, writes_down_the_flags_and_amounts_of_a_wide_table) {
    InitOptions options = options_for(write("e.csv",
                                            "user,item,is_click,play_time,a length which is long,duration,Who's there\n"
                                            "u1,i1,0,5,1,10,me\nu2,i2,1,10,2,10,you\n"));
    options.name = "9 lives";
    const auto report = init_project(folder_, options);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->text, R"(# Written by 'shortlist init' from a look at the data. 'shortlist config print' shows every option and its default.
name: '9 lives'
data:
  events:
    path: e.csv
    columns:                            # what is called how in the file
      user: user
      item: item
      time: none                        # or {order: file}, where the rows stand in order
    flags:                              # a row is an impression; a true flag is an event of this type
      click: is_click
    values:                             # amounts of events
      watch: {value: play_time, divided_by: duration}
    context: ['Who''s there']           # circumstances of an event

# What models learn from; the first matters most. Negative weights are dislikes.
signals:
  watch: {type: watch, value: {at_least: 0.5}, weight: 1}
  click: {type: click, weight: 1}
)");
    EXPECT_THAT(load_project(folder_)->config.data.events.context, testing::ElementsAre("Who's there"));
}

// A comment stands in the 41st column, or two spaces behind what is longer.
TEST_F(InitProject, keeps_comments_apart_from_values_of_any_length) {
    const auto comment_at = [&](std::size_t length) {
        const std::string time = std::string(length, 't');
        const auto text =
            init_project(folder_, options_for(write("e" + std::to_string(length) + ".csv", "user,item," + time + "\nu,i,2022-04-25\n")));
        std::filesystem::remove(folder_ / "shortlist.yaml");
        const auto at = text->text.find("time: " + time) + std::string("time: ").size() + length;
        return text->text.find("# numbers", at) - at;
    };
    const std::size_t before = std::string("      time: ").size();
    EXPECT_EQ(comment_at(39 - before), 1U);
    EXPECT_EQ(comment_at(40 - before), 2U);
    EXPECT_EQ(comment_at(50), 2U);
}

TEST_F(InitProject, puts_in_quotes_what_would_not_read_back_as_the_same_text) {
    const auto name_line = [&](const std::string& name) {
        auto options = options_for(write("e.csv", "user,item\na,b\n"));
        options.name = name;
        options.force = true;
        const auto report = init_project(folder_, options);
        EXPECT_TRUE(report) << name;
        EXPECT_EQ(load_project(folder_)->config.name, name);
        return report ? report->text.substr(report->text.find("name: ") + 6, name.size() + 2) : "";
    };
    for (const std::string plain : {"a", "Zebra", "_", "z/9.-_", "trueish"}) EXPECT_EQ(name_line(plain), plain + "\nd") << plain;
    for (const std::string quoted : {"true", "no", "9", "-a", "/a", ".a", "a b", "a#b", "a:", "~"})
        EXPECT_EQ(name_line(quoted), "'" + quoted + "'") << quoted;
}

TEST_F(InitProject, names_a_project_after_its_folder) {
    const auto options = options_for(write("e.csv", "user,item\na,b\n"));
    const auto name_in = [&](const std::string& folder) {
        EXPECT_TRUE(init_project(folder_ / folder, options)) << folder;
        return load_project(folder_ / folder)->config.name;
    };
    EXPECT_EQ(name_in("shop"), "shop");
    EXPECT_EQ(name_in("shop/./" + std::string(65, 'n')), std::string(64, 'n'));
}

TEST_F(InitProject, names_a_file_outside_the_folder_by_its_whole_path) {
    const std::string events = write("e.csv", "user,item\na,b\n");
    EXPECT_TRUE(init_project(folder_ / "data", options_for(events)));
    EXPECT_EQ(load_project(folder_ / "data")->config.data.events.path.at(0), std::filesystem::weakly_canonical(events).string());
}

TEST_F(InitProject, reports_what_it_guessed_of_items_and_users) {
    auto options = options_for(write("e.csv", "user,item\na,b\n"));
    options.items = write("items.csv", "item,price\nb,3\n");
    options.users = write("users.csv", "user,age\na,3\n");
    const auto report = init_project(folder_, options);
    ASSERT_TRUE(report) << report.error().message;
    std::vector<std::string> lines;
    for (const auto& guess : report->guesses) lines.push_back(guess.what + " " + guess.choice);
    EXPECT_THAT(lines, testing::IsSupersetOf({"events: item item", "items: id item", "items: attribute price number", "users: id user",
                                              "users: attribute age number"}));
    options.force = true;
    options.users = write("strangers.csv", "name\nx\n");
    EXPECT_FALSE(init_project(folder_, options));
}

TEST_F(InitProject, says_that_it_cannot_write) {
    const auto options = options_for(write("e.csv", "user,item\na,b\n"));
    write("file", "");
    const auto refused = init_project(folder_ / "file", options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "cannot write '" + (folder_ / "file" / "shortlist.yaml").string() + "'");
}

TEST_F(InitProject, takes_no_names_that_a_project_file_cannot_hold) {
    const auto refused = init_project(folder_, options_for(write("e.csv", "user,item," + std::string(300, 'c') + "\na,b,here\nc,d,there\n")));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("data.events.context[0]: must be text of 1 to 256 bytes"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "shortlist.yaml"));
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
