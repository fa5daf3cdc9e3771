#include "engine/project/project_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/random.h"

namespace shortlist::project {

namespace {

using testing::HasSubstr;

const std::string kData = "data: {events: {path: e.csv, columns: {user: u, item: i, time: t}}}\n";
const std::string kTyped = "data: {events: {path: e.csv, columns: {user: u, item: i, time: t, type: kind}}}\n";
const std::string kUntimed = "data: {events: {path: e.csv, columns: {user: u, item: i, time: {order: file}}}}\n";

Result<Project> parse(const std::string& yaml, const std::string& folder = "/nowhere") {
    const base::Environment environment = [](const std::string& name) { return name == "SHOP" ? std::optional<std::string>("toys") : std::nullopt; };
    return parse_project(yaml, folder, "shortlist.yaml", environment);
}

std::string refusal(const std::string& yaml) {
    const auto project = parse(yaml);
    return project ? "accepted" : project.error().message;
}

// The file of the design page, section 11.
const std::string kShorts = R"(name: shorts
data:
  events: {path: data/events.parquet, columns: {user: user_id, item: video_id, time: time_ms, type: event}}
  items:  {path: data/videos.parquet, attributes: {category: category, duration_ms: number, title: text, uploaded_at: time}}
  users:  {path: data/users.parquet,  attributes: {country: category, age: number}}
signals:
  watched: {type: watch, value: {at_least: 0.5}, weight: 1}
  liked:   {type: like, weight: 3}
  skipped: {type: skip, weight: -1}
split: {by: time, test: 1d, validation: 1d}
features: auto
retrievers:
  - {name: taste,    kind: ials,       signal: watched, embedding_size: 64, candidates: 300}
  - {name: trending, kind: popularity, half_life: 12h,  candidates: 100}
  - {name: similar,  kind: item_to_item, candidates: 100}
ranker: {kind: lightgbm, objective: lambdarank, trees: 300, leaves: 31}
surfaces:
  shorts: {size: 20, diversity: {kind: mmr, weight: 0.3}, hide_seen: 7d}
serve: {listen: 127.0.0.1:8080}
)";

base::ConfigValue value_of(const Project& project, const std::string& key) {
    for (auto& value : list_config(project)) {
        if (value.key == key) return value;
    }
    return {};
}

}  // namespace

TEST(ProjectConfig, reads_the_file_of_the_design) {
    const auto project = parse(kShorts);
    ASSERT_TRUE(project) << project.error().message;
    const auto& config = project->config;
    EXPECT_EQ(config.name, "shorts");
    EXPECT_EQ(config.data.events.columns.time.column, "time_ms");
    EXPECT_EQ(config.data.items.attributes.at("title").type, data::AttributeType::Text);
    ASSERT_EQ(config.signals.size(), 3U);
    EXPECT_EQ(config.signals[0].first, "watched");
    EXPECT_EQ(config.signals[0].second.value.at_least, 0.5);
    ASSERT_EQ(config.retrievers.size(), 3U);
    const auto& trending = std::get<training::PopularityRetrieverConfig>(config.retrievers[1]);
    EXPECT_EQ(trending.half_life.us, 12 * kHourUs);
    EXPECT_EQ(trending.signal, "watched") << "the first signal, where none is named";
    EXPECT_EQ(std::get<training::LightGbmRankerConfig>(config.ranker).model.trees, 300U);
    EXPECT_EQ(config.surfaces[0].second.hide_seen.us, 7 * kDayUs);
    EXPECT_TRUE(config.features.automatic());
}

TEST(ProjectConfig, needs_data_only) {
    const auto project = parse(kData);
    ASSERT_TRUE(project) << project.error().message;
    ASSERT_EQ(project->config.signals.size(), 1U);
    EXPECT_EQ(project->config.signals[0].first, "interaction");
    EXPECT_EQ(project->config.retrievers.size(), 3U);
    EXPECT_EQ(project->config.surfaces[0].first, "default");
}

TEST(ProjectConfig, makes_a_signal_of_each_flag_and_value_of_a_wide_table) {
    const auto project = parse(
        "data: {events: {path: e.csv, columns: {user: u, item: i, time: t}, flags: {click: is_click}, values: {watch: {value: ms, divided_by: "
        "length}}}}");
    ASSERT_TRUE(project) << project.error().message;
    ASSERT_EQ(project->config.signals.size(), 2U);
    EXPECT_EQ(project->config.signals[0].second.type, "click");
    EXPECT_EQ(project->config.signals[1].second.type, "watch");
}

TEST(ProjectConfig, forgets_nothing_by_age_where_there_are_no_times) {
    const auto project = parse(kUntimed);
    ASSERT_TRUE(project) << project.error().message;
    EXPECT_EQ(std::get<training::PopularityRetrieverConfig>(project->config.retrievers[1]).half_life.us, 0);
    EXPECT_EQ(project->config.split.by, eval::SplitBy::LeaveOneOut);
}

TEST(ProjectConfig, shows_each_value_with_its_origin) {
    const auto project = parse("name: ${SHOP}\n" + kData + "surfaces:\n  home: {size: 12}\n");
    ASSERT_TRUE(project) << project.error().message;
    EXPECT_EQ(project->config.name, "toys");
    EXPECT_EQ(value_of(*project, "name").origin, "shortlist.yaml:1 (environment)");
    EXPECT_EQ(value_of(*project, "surfaces.home.size").value, "12");
    EXPECT_EQ(value_of(*project, "surfaces.home.size").origin, "shortlist.yaml:4");
    EXPECT_EQ(value_of(*project, "surfaces.home.diversity.weight").origin, "default");
    EXPECT_EQ(value_of(*project, "features").value, "auto");
    EXPECT_EQ(value_of(*project, "data.events.path[0]").value, "e.csv");
    EXPECT_EQ(value_of(*project, "data.events.columns.user").origin, "shortlist.yaml:2");
}

TEST(ProjectConfig, never_prints_a_token_from_the_environment) {
    const auto project = parse(kData + "serve: {token_file: '${SHOP}'}\n");
    ASSERT_TRUE(project) << project.error().message;
    EXPECT_EQ(project->config.serve.token_file, "${SHOP}");
    EXPECT_EQ(value_of(*project, "serve.token_file").value, "${SHOP}");
}

// Each broken file, and a part of the one message it must give. None may crash, under the sanitizers too.
TEST(BrokenProjectFile, gets_one_clear_message) {
    const std::vector<std::pair<std::string, std::string>> files{
        {"", "shortlist.yaml: data: is required: Where events, items and users come from"},
        {"data: [", "this is not valid YAML"},
        {"- data", "shortlist.yaml:1:1: must be a map, got a list"},
        {"data: events.csv", "shortlist.yaml:1:7: data: must be a map, got 'events.csv'"},
        {"data: {itms: {}, events: {path: e.csv, columns: {user: u, item: i, time: t}}}", "data.itms: is not a known key; did you mean 'items'?"},
        {"data:\n  events:\n    path: e.csv\n", "data.events.columns: is required"},
        {"data: {events: {path: [], columns: {user: 7, item: '', time: t}}}", "data.events.columns.item: must be text of 1 to 256 bytes, got 0"},
        {kData + "retreivers: []\n", "shortlist.yaml:2:1: retreivers: is not a known key; did you mean 'retrievers'?"},
        {kData + "retrievers: []\n", "shortlist.yaml:2:13: retrievers: must have at least one"},
        {kData + "retrievers: [{kind: ial}]\n",
         "retrievers[0].kind: 'ial' is not one of the choices; did you mean 'ials'? Allowed: ials, popularity, item_to_item"},
        {kData + "retrievers: [{kind: ials, embedding_size: big}]\n", "retrievers[0].embedding_size: must be a whole number, 1 to 512, got 'big'"},
        {kData + "retrievers: [{kind: ials, signal: interacton}]\n", "there is no signal 'interacton'; did you mean 'interaction'?"},
        {kData + "retrievers: [{kind: ials, name: a}, {kind: popularity, name: a}]\n", "retrievers[1].name: another retriever is called 'a'"},
        {kData + "retrievers: [{kind: ials, name: 'a/b'}]\n", "retrievers[0].name: 'a/b' cannot be a name"},
        {kData + "signals: {liked: {type: like, weight: lots}}\n", "signals.liked.weight: must be a number, -1000 to 1000, got 'lots'"},
        {kData + "signals: {impression: {type: view}}\n", "'impression' always means what was shown"},
        {kData + "signals: {w: {type: watch, value: {at_least: 2, at_most: 1}}}\n", "at_least is above at_most"},
        {kTyped, "signals: is required here: the type of each event is in column 'kind'"},
        {kData + "features: all\n", "shortlist.yaml:2:11: features: must be auto or a list of features; got 'all'"},
        {kData + "features: [{kind: count, of: item, signal: liked}]\n", "features[0].signal: there is no signal 'liked'"},
        {kData + "features: [{kind: clock}, {kind: clock}]\n", "features[1]: another feature is called"},
        {kUntimed + "retrievers: [{kind: popularity, half_life: 1d}]\n", "retrievers[0].half_life: a half-life needs times"},
        {kUntimed + "split: {by: time}\n", "split.by: 'time' needs times"},
        {kData + "split: {by: given}\n", "split.by: 'given' needs data.test_events"},
        {kUntimed + "features: [{kind: clock}]\n", "features[0].kind: 'clock' needs times"},
        {kData + "surfaces: {home: {size: 0}}\n", "surfaces.home.size: must be a whole number, 1 to 1000, got '0'"},
        {kData + "surfaces: {home: {hide_seen: 7}}\n", "surfaces.home.hide_seen: a duration is a whole number and one of us, ms, s, m, h, d"},
        {kData + "surfaces: {home: {diversity: {weight: 1.5}}}\n", "surfaces.home.diversity.weight: must be a number, 0 to 1, got '1.5'"},
        {kData + "serve: {insecure: yes}\n", "serve.insecure: must be true or false (spelled exactly so), got 'yes'"},
        {kData + "serve: {k_max: 010}\n", "shortlist.yaml:2:16: the file has '010', a number that begins with a zero"},
        {kData + kData, "shortlist.yaml:2:1: the file has the key 'data' twice; the first is in line 1"},
        {kData + "name: ${NOBODY}\n", "name: the environment has no variable 'NOBODY'"},
        {kData + "name: \"\\xff\xff\"\n", "shortlist.yaml:2:1: the line is not valid UTF-8"},
        {kData + "ranker:\n", "ranker: must be a map with the key 'kind', got no value"},
    };
    for (const auto& [yaml, message] : files) {
        const auto project = parse(yaml);
        ASSERT_FALSE(project) << yaml;
        EXPECT_THAT(project.error().message, HasSubstr(message)) << yaml;
        EXPECT_EQ(project.error().code, ErrorCode::InvalidArgument) << yaml;
        EXPECT_EQ(project.error().message.find('\n'), std::string::npos) << "one fault, one line: " << project.error().message;
    }
}

TEST(BrokenProjectFile, hears_of_all_its_faults_at_once) {
    EXPECT_EQ(
        refusal("nme: x\n" + kData + "retrievers: [{kind: ials, signal: nothing}]\nserve: {k_max: 0, listen: 3}\nsurfaces: {'a b': {}}\n"),
        "shortlist.yaml:1:1: nme: is not a known key; did you mean 'name'? Allowed: name, data, log, signals, split, features, retrievers, ranker, "
        "surfaces, serve\n"
        "shortlist.yaml:3:35: retrievers[0].signal: there is no signal 'nothing'; allowed: interaction\n"
        "shortlist.yaml:4:16: serve.k_max: must be a whole number, 1 to 100000, got '0'\n"
        "shortlist.yaml:4:27: serve.listen: must be text of 3 to 300 bytes, got 1: '3'\n"
        "shortlist.yaml:5:19: surfaces.a b: 'a b' cannot be a name; allowed: 1 to 64 letters, digits, _ and -");
}

// Damage at random: whatever becomes of the file, it is read or refused, and nothing else happens.
TEST(BrokenProjectFile, never_crashes_whatever_the_damage) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        Rng rng(seed);
        std::string yaml = kShorts;
        for (std::uint64_t edit = 0; edit < 1 + seed % 8; ++edit) {
            const std::size_t at = rng.below(yaml.size());
            static constexpr std::string_view kBytes = "{}[]:,-&*!|>'\"%@`#? \n0ax\t\x01\xc3";
            switch (rng.below(3)) {
                case 0: yaml[at] = kBytes[rng.below(kBytes.size())]; break;
                case 1: yaml.erase(at, 1 + rng.below(20)); break;
                default: yaml.insert(at, 1, kBytes[rng.below(kBytes.size())]); break;
            }
            if (yaml.empty()) break;
        }
        const auto project = parse(yaml);
        if (!project) {
            EXPECT_THAT(project.error().message, HasSubstr("shortlist.yaml")) << "seed " << seed;
        }
    }
}

class ProjectFolder : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / ("project_config_test_" + std::to_string(std::random_device{}()));
        std::filesystem::create_directories(folder_ / "deep" / "er");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

    std::filesystem::path folder_;
};

TEST_F(ProjectFolder, is_found_from_below) {
    write("shortlist.yaml", kData);
    EXPECT_EQ(find_project(folder_ / "deep" / "er").value(), folder_);
    EXPECT_EQ(find_project(folder_ / ".").value(), folder_);
    EXPECT_EQ(load_project(folder_)->folder, folder_);
    EXPECT_EQ(load_project(folder_ / "shortlist.yaml")->config.data.events.path.at(0), "e.csv");
}

TEST_F(ProjectFolder, without_a_project_says_how_to_begin_one) {
    const auto found = find_project(folder_ / "deep");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::NotFound);
    EXPECT_EQ(found.error().message, "there is no shortlist.yaml in " + (folder_ / "deep").string() +
                                         " or above; 'shortlist init --events FILE' writes one, 'shortlist demo' shows one at work");
    EXPECT_EQ(load_project(folder_).error().code, ErrorCode::NotFound);
}

TEST_F(ProjectFolder, names_files_that_are_missing_and_the_nearest) {
    write("events.csv", "u,i,t\n");
    write("shortlist.yaml",
          "data:\n  events: {path: event.csv, columns: {user: u, item: i, time: t}}\n  items: {path: [events.csv, s3://bucket/items.csv, "
          "no/such.csv]}\n");
    const auto project = load_project(folder_);
    ASSERT_TRUE(project) << project.error().message;
    EXPECT_EQ(check_files(*project).error().message,
              "shortlist.yaml:2:18: data.events.path[0]: there is no file 'event.csv'; did you mean 'events.csv'?\n"
              "shortlist.yaml:3:53: data.items.path[2]: there is no file 'no/such.csv'");
}

// The folder of the tests may lie below a project, and the root may not be written to.
TEST(FindProject, looks_up_to_the_root) {
    const auto found = find_project("/");
    EXPECT_TRUE(found ? *found == "/" : found.error().code == ErrorCode::NotFound);
}

TEST_F(ProjectFolder, is_that_of_the_current_folder_where_none_is_named) {
    write("shortlist.yaml", kData);
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder_ / "deep");
    const auto project = load_project("");
    std::filesystem::current_path(before);
    ASSERT_TRUE(project) << project.error().message;
    EXPECT_EQ(project->folder, folder_);
    EXPECT_EQ(project->file, "shortlist.yaml");
}

TEST_F(ProjectFolder, checks_the_files_of_every_part) {
    write("e.csv", "u,i,t\n");
    const std::string data =
        "data: {events: {path: e.csv, columns: {user: u, item: i, time: t}}, test_events: test.csv, items: {path: [e.csv, items.csv]}, users: {path: "
        "users.csv}}\n";
    write("shortlist.yaml", data);
    const auto status = check_files(*load_project(folder_));
    ASSERT_FALSE(status);
    for (const auto* missing : {"data.test_events[0]: there is no file 'test.csv'", "data.items.path[1]: there is no file 'items.csv'",
                                "data.users.path[0]: there is no file 'users.csv'"}) {
        EXPECT_THAT(status.error().message, HasSubstr(missing));
    }
    for (const auto* file : {"test.csv", "items.csv", "users.csv"}) write(file, "");
    EXPECT_TRUE(check_files(*load_project(folder_)));
}

TEST(ProjectSchema, covers_every_part_of_the_file) {
    const std::string schema = project_schema();
    for (const char* part : {"\"data\"", "\"signals\"", "\"split\"", "\"features\"", "\"retrievers\"", "\"ranker\"", "\"surfaces\"", "\"serve\""}) {
        EXPECT_THAT(schema, HasSubstr(part));
    }
    EXPECT_THAT(project_reference(), HasSubstr("| `serve.k_max` | whole number | `1000` | 1 to 100000 |"));
    EXPECT_THAT(project_reference(), HasSubstr("### `retrievers[]`, `kind: ials`"));
}

}  // namespace shortlist::project
