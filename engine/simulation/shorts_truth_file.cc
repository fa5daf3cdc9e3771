// The file of a ShortsTruth: the magic, a header of plain numbers, then each column as raw little-endian values. One
// function visits the columns for saving, sizing and loading, so that the three cannot disagree.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <type_traits>

#include "engine/simulation/shorts_oracle.h"

namespace shortlist::simulation {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "SLSHORT1";
constexpr std::uint64_t kCountMax = 100'000'000;
constexpr std::uint64_t kDaysMax = 366;

/// Counts and laws. No padding: all members are of 8 bytes, then of 4.
struct Header {
    std::uint64_t users;
    std::uint64_t items;
    std::uint64_t categories;
    std::uint64_t days;
    TimeUs start;
    WatchWeights watch;
    LoggingPolicy policy;
    float seen_exponent;
};
static_assert(std::is_trivially_copyable_v<Header>);
static_assert(sizeof(Header) ==
              5 * 8 + sizeof(WatchWeights) + sizeof(LoggingPolicy) + 4 + 4 * ((sizeof(WatchWeights) + sizeof(LoggingPolicy) + 4) / 4 % 2));

/// Calls visit(column, count) for each column, in the order of the file.
template <class Truth, class Visit>
void visit_columns(Truth& truth, const Header& header, Visit visit) {
    visit(truth.topic_vectors, header.categories * kTopicsPerCategory);
    visit(truth.category_hours, header.categories);
    visit(truth.taste_first, header.users);
    visit(truth.taste_last, header.users);
    visit(truth.taste_noise, header.users);
    visit(truth.generosity, header.users);
    visit(truth.user_countries, header.users);
    visit(truth.item_vectors, header.items);
    visit(truth.qualities, header.items);
    visit(truth.popularities, header.items);
    visit(truth.durations, header.items);
    visit(truth.uploaded, header.items);
    visit(truth.creators, header.items);
    visit(truth.topics, header.items);
    visit(truth.item_countries, header.items);
}

bool is_finite(float value) { return std::isfinite(value); }
bool is_finite(const Taste& taste) {
    return std::all_of(taste.begin(), taste.end(), [](float value) { return std::isfinite(value); });
}
template <std::integral T>
bool is_finite(T) {
    return true;
}

bool is_sound(const ShortsTruth& truth, const Header& header) {
    bool sound = true;
    visit_columns(truth, header, [&](const auto& column, std::uint64_t) {
        for (const auto& value : column) sound = sound && is_finite(value);
    });
    std::array<float, (sizeof(WatchWeights) + sizeof(LoggingPolicy)) / sizeof(float)> laws;
    std::memcpy(laws.data(), &truth.watch, sizeof(WatchWeights));
    std::memcpy(laws.data() + sizeof(WatchWeights) / sizeof(float), &truth.policy, sizeof(LoggingPolicy));
    sound = sound && std::all_of(laws.begin(), laws.end(), [](float law) { return std::isfinite(law); }) && std::isfinite(truth.seen_exponent);
    const auto is_country = [](std::uint8_t country) { return country < kCountries.size(); };
    const auto is_topic = [&](std::uint16_t topic) { return topic < truth.topic_vectors.size(); };
    return sound && std::all_of(truth.user_countries.begin(), truth.user_countries.end(), is_country) &&
           std::all_of(truth.item_countries.begin(), truth.item_countries.end(), is_country) &&
           std::all_of(truth.topics.begin(), truth.topics.end(), is_topic);
}

bool is_sound(const Header& header) {
    const auto within = [](std::uint64_t value, std::uint64_t most) { return value >= 1 && value <= most; };
    return within(header.users, kCountMax) && within(header.items, kCountMax) && within(header.categories, 24) && within(header.days, kDaysMax) &&
           header.start >= 0 && header.start < (TimeUs{1} << 60);
}

template <class T>
void append(std::string& bytes, const T* values, std::size_t count) {
    bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

}  // namespace

Status save_truth(const ShortsTruth& truth, const std::filesystem::path& path) {
    Header header;
    std::memset(static_cast<void*>(&header), 0, sizeof(header));  // the bytes of the file depend on the values only
    header.users = truth.users();
    header.items = truth.items();
    header.categories = truth.category_hours.size();
    header.days = truth.days;
    header.start = truth.start;
    header.watch = truth.watch;
    header.policy = truth.policy;
    header.seen_exponent = truth.seen_exponent;
    std::string bytes(kMagic);
    append(bytes, &header, 1);
    visit_columns(truth, header, [&](const auto& column, std::uint64_t) { append(bytes, column.data(), column.size()); });
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) return base::unavailable("cannot write " + path.string());
    return {};
}

Result<ShortsOracle> ShortsOracle::load(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::not_found("no truth at " + path.string());
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto damaged = [&](std::string_view why) { return base::data_loss("truth " + path.string() + ": " + std::string(why)); };
    Header header;
    if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + sizeof(header)) return damaged("not a truth of the shorts world");
    std::memcpy(static_cast<void*>(&header), bytes.data() + kMagic.size(), sizeof(header));
    if (!is_sound(header)) return damaged("a count is out of its range");

    ShortsTruth truth;
    std::uint64_t size = kMagic.size() + sizeof(header);
    visit_columns(truth, header, [&](const auto& column, std::uint64_t count) { size += count * sizeof(column[0]); });
    if (size != bytes.size()) return damaged("has " + std::to_string(bytes.size()) + " bytes where its counts ask for " + std::to_string(size));
    truth.start = header.start;
    truth.days = header.days;
    truth.watch = header.watch;
    truth.policy = header.policy;
    truth.seen_exponent = header.seen_exponent;
    const char* next = bytes.data() + kMagic.size() + sizeof(header);
    visit_columns(truth, header, [&](auto& column, std::uint64_t count) {
        column.resize(count);
        std::memcpy(static_cast<void*>(column.data()), next, count * sizeof(column[0]));
        next += count * sizeof(column[0]);
    });
    if (!is_sound(truth, header)) return damaged("a value is out of its range");
    return ShortsOracle(std::move(truth));
}

}  // namespace shortlist::simulation
