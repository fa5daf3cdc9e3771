#include <algorithm>
#include <numeric>
#include <string>

#include "engine/base/random.h"
#include "engine/simulation/shorts_tables_internal.h"
#include "engine/simulation/shorts_words_internal.h"

namespace shortlist::simulation {
namespace {

constexpr std::uint64_t kTitleStream = 200;

enum class Kind : std::uint8_t { Impression, Watch, Skip, Like };
constexpr std::array<std::string_view, 4> kKindNames{"impression", "watch", "skip", "like"};

/// A row of the log before it is spread over columns.
struct Row {
    std::int64_t time_ms;
    std::uint32_t shown;  ///< Index of its impression.
    Kind kind;
};

std::vector<Row> make_rows(const ShortsPopulation& world, const std::vector<Shown>& shown) {
    std::vector<Row> rows;
    for (std::uint32_t i = 0; i < shown.size(); ++i) {
        const Shown& one = shown[i];
        rows.push_back({one.time_ms, i, Kind::Impression});
        const auto play_ms = static_cast<std::int64_t>(one.fraction * static_cast<double>(world.duration_ms[one.item]));
        if (one.watched() || one.skipped()) rows.push_back({one.time_ms + 1 + play_ms, i, one.watched() ? Kind::Watch : Kind::Skip});
        if (one.liked) rows.push_back({one.time_ms + 2 + play_ms, i, Kind::Like});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time_ms < b.time_ms; });
    return rows;
}

data::StringColumn numbered(char letter, std::size_t count) {
    data::StringColumn names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(letter + std::to_string(i));
    return names;
}

template <std::size_t N>
data::StringColumn names_of(const std::array<std::string_view, N>& names) {
    data::StringColumn column;
    for (const std::string_view name : names) column.push_back(name);
    return column;
}

/// A column of one number for each row.
template <class T, class Rows, class Get>
data::Column numbers(std::string name, const Rows& rows, Get get) {
    std::vector<T> values;
    values.reserve(rows.size());
    for (const auto& row : rows) values.push_back(static_cast<T>(get(row)));
    return {std::move(name), std::move(values), {}};
}

/// A column of one of few strings for each row.
template <class Rows, class Get>
data::Column coded(std::string name, data::StringColumn values, const Rows& rows, Get get) {
    data::CodedColumn column;
    column.values = std::move(values);
    column.codes.reserve(rows.size());
    for (const auto& row : rows) column.codes.push_back(static_cast<std::uint32_t>(get(row)));
    return {std::move(name), std::move(column), {}};
}

/// One id for each page that was shown, in order of the users: "r", the user's index, "-", the page of that user.
data::Column request_column(const std::vector<Shown>& shown, const std::vector<Row>& rows, std::size_t users) {
    std::vector<std::uint32_t> begins(users + 1, 0);
    for (const Shown& one : shown) begins[one.user + 1] = std::max(begins[one.user + 1], one.page + 1);
    data::StringColumn names;
    for (std::size_t user = 0; user < users; ++user) {
        const std::string prefix = "r" + std::to_string(user) + "-";
        for (std::uint32_t page = 0; page < begins[user + 1]; ++page) names.push_back(prefix + std::to_string(page));
    }
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    return coded("request_id", std::move(names), rows, [&](const Row& row) { return begins[shown[row.shown].user] + shown[row.shown].page; });
}

std::string make_title(std::size_t topic, Rng& rng) {
    std::string title(kOpenings[rng.below(kOpenings.size())]);
    title += ' ';
    title += kCategoryWords[topic / kTopicsPerCategory].topics[topic % kTopicsPerCategory];
    title += ' ';
    return title += kClosings[rng.below(kClosings.size())];
}

std::vector<std::uint32_t> indices(std::size_t count) {
    std::vector<std::uint32_t> values(count);
    std::iota(values.begin(), values.end(), 0U);
    return values;
}

}  // namespace

data::ColumnBatch make_event_table(const ShortsPopulation& world, const std::vector<Shown>& shown) {
    const std::vector<Row> rows = make_rows(world, shown);
    const auto of = [&](const Row& row) -> const Shown& { return shown[row.shown]; };
    data::ColumnBatch table;
    table.rows = rows.size();
    auto& columns = table.columns;
    columns.push_back(coded("user_id", numbered('u', world.truth.users()), rows, [&](const Row& row) { return of(row).user; }));
    columns.push_back(coded("video_id", numbered('v', world.truth.items()), rows, [&](const Row& row) { return of(row).item; }));
    columns.push_back(numbers<std::int64_t>("time_ms", rows, [](const Row& row) { return row.time_ms; }));
    columns.push_back(coded("event", names_of(kKindNames), rows, [](const Row& row) { return static_cast<std::uint8_t>(row.kind); }));
    columns.push_back(numbers<float>("value", rows, [&](const Row& row) { return row.kind == Kind::Watch ? of(row).fraction : 0.0F; }));
    for (const Row& row : rows) columns.back().valid.push_back(row.kind == Kind::Watch);
    columns.push_back(request_column(shown, rows, world.truth.users()));
    columns.push_back(numbers<std::int64_t>("position", rows, [&](const Row& row) { return of(row).position; }));
    columns.push_back(coded("device", names_of(kDeviceNames), rows, [&](const Row& row) { return of(row).device; }));
    return table;
}

data::ColumnBatch make_video_table(const ShortsConfig& config, const ShortsPopulation& world) {
    const ShortsTruth& truth = world.truth;
    const std::vector<std::uint32_t> items = indices(truth.items());
    data::StringColumn categories;
    for (std::size_t category = 0; category < config.categories; ++category) categories.push_back(kCategoryWords[category].name);
    const std::uint32_t creators = *std::max_element(truth.creators.begin(), truth.creators.end()) + 1;
    Rng rng = Rng(config.seed).fork(kTitleStream);
    data::StringColumn titles;
    for (const std::uint32_t item : items) titles.push_back(make_title(truth.topics[item], rng));

    data::ColumnBatch table;
    table.rows = items.size();
    auto& columns = table.columns;
    columns.push_back({"video_id", numbered('v', items.size()), {}});
    columns.push_back(coded("category", std::move(categories), items, [&](std::uint32_t item) { return truth.topics[item] / kTopicsPerCategory; }));
    columns.push_back(coded("creator", numbered('c', creators), items, [&](std::uint32_t item) { return truth.creators[item]; }));
    columns.push_back(numbers<std::int64_t>("duration_ms", items, [&](std::uint32_t item) { return world.duration_ms[item]; }));
    columns.push_back(numbers<std::int64_t>("uploaded_at", items, [&](std::uint32_t item) { return truth.uploaded[item] / 1000; }));
    columns.push_back(
        coded("language", names_of(kLanguages), items, [&](std::uint32_t item) { return kCountries[truth.item_countries[item]].language; }));
    columns.push_back({"title", std::move(titles), {}});
    return table;
}

data::ColumnBatch make_user_table(const ShortsPopulation& world) {
    const std::vector<std::uint32_t> users = indices(world.truth.users());
    data::StringColumn countries;
    for (const Country& country : kCountries) countries.push_back(country.name);
    data::ColumnBatch table;
    table.rows = users.size();
    auto& columns = table.columns;
    columns.push_back({"user_id", numbered('u', users.size()), {}});
    columns.push_back(coded("country", std::move(countries), users, [&](std::uint32_t user) { return world.truth.user_countries[user]; }));
    columns.push_back(numbers<std::int64_t>("age", users, [&](std::uint32_t user) { return world.ages[user]; }));
    columns.push_back(numbers<std::int64_t>("signup_at", users, [&](std::uint32_t user) { return world.signups[user] / 1000; }));
    return table;
}

}  // namespace shortlist::simulation
