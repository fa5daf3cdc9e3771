#include "engine/pipeline/check_lists.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <unordered_map>
#include <utility>

#include "engine/pipeline/ask.h"

namespace shortlist::pipeline {

namespace {

constexpr std::string_view kBundlesFolder = "bundles";

// Nine digits tell any two floats apart, the bits any two NaNs.
std::string text_of(float value) {
    char text[48];
    if (std::isnan(value)) {
        std::snprintf(text, sizeof text, "missing (0x%08x)", std::bit_cast<std::uint32_t>(value));
    } else {
        std::snprintf(text, sizeof text, "%.9g (0x%08x)", static_cast<double>(value), std::bit_cast<std::uint32_t>(value));
    }
    return text;
}

bool same_bits(float a, float b) noexcept { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

std::size_t bytes_of(const data::ServedList& list) {
    std::size_t bytes = sizeof list + list.features->size() * sizeof(float);
    for (const auto& item : list.items) bytes += sizeof item + item.id.size();
    for (const auto& id : list.request.candidates) bytes += sizeof(std::string) + id.size();
    return bytes;
}

// Compares list after list with what the state gives.
class Comparison {
public:
    Comparison(ListsReport& report, std::size_t differences_max) : report_(report), differences_max_(differences_max) {}

    Status compare(const data::ServedList& list, LogState& state) {
        if (!world_ || world_->shared().tick_time() != state.fold().shared().tick_time() || world_->items() != state.items().size()) {
            world_ = state.publish();
        }
        SHORTLIST_ASSIGN(const auto slots, ask({list.request, list.time}, state, *world_, scratch_));
        const std::uint64_t before = report_.different;
        ++report_.compared;
        if (list.tick != world_->shared().tick_time()) {
            add(list, "", {"tick", std::to_string(list.tick), std::to_string(world_->shared().tick_time())});
        }
        compare_rows(list, state);
        for (std::size_t place = 0; place < std::max(list.items.size(), slots.size()); ++place) compare_place(list, place, slots, state);
        if (report_.different == before) user_equal_[list.request.user] = list.offset;
        return {};
    }

private:
    struct Values {
        std::string what;
        std::string logged;
        std::string derived;
    };

    void add(const data::ServedList& list, const std::string& item, Values values) {
        if (report_.different++ >= differences_max_) return;
        ListDifference& difference = report_.differences.emplace_back();
        difference.what = std::move(values.what);
        difference.logged = std::move(values.logged);
        difference.derived = std::move(values.derived);
        difference.request_id = list.request.request_id;
        difference.user = list.request.user;
        difference.item = item;
        difference.offset = list.offset;
        const auto last = [](const auto& equal, const std::string& id) {
            const auto found = equal.find(id);
            return found == equal.end() ? std::nullopt : std::optional(found->second);
        };
        difference.user_equal_at = last(user_equal_, list.request.user);
        difference.item_equal_at = last(item_equal_, item);
    }

    // Features first: what they say of an item explains its score, and that its place.
    void compare_rows(const data::ServedList& list, const LogState& state) {
        const auto& columns = state.models().plan().columns();
        const std::size_t width = state.models().ranker() == nullptr ? 0 : columns.size();
        if (list.features->size() != list.items.size() * width) {
            return add(list, "",
                       {"features", std::to_string(list.features->size()) + " values", std::to_string(list.items.size() * width) + " values"});
        }
        for (std::size_t i = 0; i < list.items.size() && width > 0; ++i) {
            const auto candidate = find(list.items[i].id, state);
            if (!candidate) continue;  // told by its place
            const std::uint64_t before = report_.different;
            for (std::size_t c = 0; c < width; ++c) {
                const float logged = (*list.features)[i * width + c];
                const float derived = scratch_.rows[*candidate * width + c];
                if (!same_bits(logged, derived)) add(list, list.items[i].id, {columns[c].config.name, text_of(logged), text_of(derived)});
            }
            ++report_.vectors;
            report_.values += width;
            if (report_.different == before) item_equal_[list.items[i].id] = list.offset;
        }
    }

    void compare_place(const data::ServedList& list, std::size_t place, std::span<const SlateItem> slots, const LogState& state) {
        const std::string at = " at place " + std::to_string(place + 1);
        const std::string logged = place < list.items.size() ? list.items[place].id : "";
        const std::string derived = place < slots.size() ? std::string(state.items().ids[slots[place].item]) : "";
        if (logged != derived) return add(list, logged, {"item", logged + at, derived + at});
        const float score = list.items[place].score;
        if (!same_bits(score, slots[place].score)) add(list, logged, {"score", text_of(score), text_of(slots[place].score)});
    }

    // Where the item stands among the candidates of the request that was just asked.
    [[nodiscard]] std::optional<std::size_t> find(const std::string& id, const LogState& state) const {
        const ItemRow row = state.items().ids.find(id);
        if (row == kNoRow || row >= scratch_.place.size() || scratch_.candidates.empty() || scratch_.place_mark[row] != scratch_.place_round) {
            return std::nullopt;
        }
        return scratch_.place[row];
    }

    ListsReport& report_;
    std::size_t differences_max_;
    Scratch scratch_;
    std::shared_ptr<const World> world_;
    std::unordered_map<std::string, std::uint64_t> user_equal_, item_equal_;
};

// Lists by bundle, of those that can be compared.
using Batch = std::map<std::string, std::vector<data::ServedList>>;

// Takes lists from offset `next` on until kListBytes of them are there; `next` is then that of the first one left, or the end.
Result<Batch> take_batch(const data::Log& log, std::uint64_t& next, ListsReport& report) {
    Batch batch;
    std::size_t bytes = 0;
    std::optional<std::uint64_t> left;
    SHORTLIST_TRY(log.read_lists(next, [&](std::uint64_t offset, const data::ServedList& list) -> Status {
        if (bytes >= kListBytes && !left) left = offset;
        if (left) return {};
        ++report.lists;
        if (!list.features) {
            ++report.without_features;
        } else if (list.epoch != log.epoch()) {
            ++report.of_other_history;
        } else {
            bytes += bytes_of(list);
            batch[list.bundle].push_back(list);
        }
        return {};
    }));
    next = left.value_or(log.end());
    return batch;
}

std::string text_of(const data::Record& record) {
    if (const auto* event = std::get_if<data::Event>(&record)) return "event " + event->type + " of " + event->user + " with " + event->item;
    if (const auto* item = std::get_if<data::ItemUpsert>(&record)) return "item " + item->id;
    return "user " + std::get<data::UserUpsert>(record).id;
}

// Which user and which item a record is of; empty where of none.
std::pair<std::string_view, std::string_view> owners_of(const data::Record& record) {
    if (const auto* event = std::get_if<data::Event>(&record)) return {event->user, event->item};
    if (const auto* item = std::get_if<data::ItemUpsert>(&record)) return {"", item->id};
    if (const auto* user = std::get_if<data::UserUpsert>(&record)) return {user->id, ""};
    return {};
}

bool lies_between(const ListDifference& difference, std::uint64_t offset, const data::Record& record) {
    if (offset >= difference.offset) return false;
    const auto [user, item] = owners_of(record);
    const bool of_user = !user.empty() && user == difference.user && offset >= difference.user_equal_at.value_or(0);
    const bool of_item = !item.empty() && item == difference.item && offset >= difference.item_equal_at.value_or(0);
    return of_user || of_item;
}

void add_record(ListDifference& difference, std::uint64_t offset, const data::Record& record) {
    ++difference.records_between;
    if (difference.records.size() == kRecordsShown) difference.records.erase(difference.records.begin());
    difference.records.push_back({offset, text_of(record)});
}

using DifferencesById = std::unordered_map<std::string_view, std::vector<ListDifference*>>;

std::span<ListDifference* const> those_of(const DifferencesById& differences, std::string_view id) {
    const auto found = differences.find(id);
    return found == differences.end() ? std::span<ListDifference* const>() : found->second;
}

Status find_records_between(const data::Log& log, std::vector<ListDifference>& differences) {
    if (differences.empty()) return {};
    DifferencesById of_user;
    DifferencesById of_item;
    for (auto& difference : differences) {
        of_user[difference.user].push_back(&difference);
        of_item[difference.item].push_back(&difference);
    }
    return log.read_tail(0, [&](std::uint64_t offset, const data::Record& record) -> Status {
        const auto [user, item] = owners_of(record);
        for (auto* difference : those_of(of_user, user)) {
            if (lies_between(*difference, offset, record)) add_record(*difference, offset, record);
        }
        for (auto* difference : those_of(of_item, item)) {
            if (difference->user != user && lies_between(*difference, offset, record)) add_record(*difference, offset, record);
        }
        return {};
    });
}

}  // namespace

Result<std::unique_ptr<LogState>> replay_records(const std::filesystem::path& project_folder, const data::Log& log, const data::Bundle& bundle,
                                                 std::span<const std::uint64_t> stops, const std::function<Status(std::size_t, LogState&)>& visit) {
    // The models are bound to all values that categories have by now: which of them a model knows does not change while the log grows.
    std::shared_ptr<const ServingModels> models;
    {
        SHORTLIST_ASSIGN(const auto data, data::load_dataset(project_folder));
        SHORTLIST_ASSIGN(models, ServingModels::load(bundle, "", data));
    }
    SHORTLIST_ASSIGN(auto imported, data::load_imported(project_folder));
    auto state = std::make_unique<LogState>(std::move(models), std::move(imported));
    std::size_t next = 0;
    const auto visit_stops_before = [&](std::uint64_t offset) -> Status {
        for (; next < stops.size() && stops[next] <= offset; ++next) SHORTLIST_TRY(visit(next, *state));
        return {};
    };
    const auto take = [&](std::uint64_t offset, const data::Record& record) -> Status {
        SHORTLIST_TRY(visit_stops_before(offset));
        if (next < stops.size()) state->take(record);
        return {};
    };
    SHORTLIST_TRY(log.read_tail(0, take));
    SHORTLIST_TRY(visit_stops_before(std::numeric_limits<std::uint64_t>::max()));
    return state;
}

Result<ListsReport> check_lists(const std::filesystem::path& project_folder, const data::Log& log, std::size_t differences_max) {
    ListsReport report;
    for (std::uint64_t next = log.tail_begin(); next < log.end();) {
        SHORTLIST_ASSIGN(auto batch, take_batch(log, next, report));
        for (auto& [name, lists] : batch) {
            const auto bundle = data::open_bundle(project_folder / kBundlesFolder, name);
            if (!bundle && bundle.error().code == ErrorCode::NotFound) {
                report.bundles_gone[name] += lists.size();
                continue;
            }
            if (!bundle) return bundle.error();
            std::ranges::stable_sort(lists, {}, &data::ServedList::offset);
            std::vector<std::uint64_t> stops;
            for (const auto& list : lists) stops.push_back(list.offset);
            Comparison comparison(report, differences_max);
            SHORTLIST_TRY(replay_records(project_folder, log, *bundle, stops,
                                         [&](std::size_t i, LogState& state) { return comparison.compare(lists[i], state); }));
        }
    }
    SHORTLIST_TRY(find_records_between(log, report.differences));
    return report;
}

}  // namespace shortlist::pipeline
