#include "engine/features/plan.h"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "engine/base/text.h"
#include "engine/features/owner_text.h"

namespace shortlist::features {

namespace {

using data::AttributeType;

// Codes of a sequence of items, where the file does not say how many.
constexpr std::uint64_t kItemBuckets = 4096;

std::string quoted(std::string_view text) { return "'" + base::printable(text) + "'"; }

// The past that a count looks at.
struct Past {
    std::size_t half_life = CountSlot::kForever;
    std::uint32_t window = 0;
};

// Builds one plan: adds tables and slots as features ask for them.
class Planner {
public:
    explicit Planner(const PlanInputs& inputs) : inputs_(inputs) { (void)table_of(Owner{}); }  // kGlobalTable

    Status add(FeatureConfig config) {
        if (config.name.empty()) config.name = derived_name(config);
        const std::string where = "feature " + quoted(config.name);
        const bool sequence = config.kind == FeatureKind::Sequence;
        const std::size_t count = sequence ? config.last : 1;
        for (std::size_t back = 0; back < count; ++back) {
            FeatureColumn column;
            column.config = config;
            column.back = back;
            if (sequence) column.config.name += "_" + std::to_string(back + 1);
            if (!names_.insert(column.config.name).second) return base::invalid_argument(where + ": the name is taken; give one of the two a `name`");
            if (auto status = fill(column); !status) return status.error().in(where);
            parts_.columns.push_back(std::move(column));
        }
        return {};
    }

    Status add_leaderboard(const LeaderboardConfig& config) {
        FeatureColumn column;
        column.config.kind = FeatureKind::Count;
        column.config.of = "item";
        column.config.signal = config.signal;
        column.config.half_life.us = config.half_life == 0 ? 0 : std::max<TimeUs>(1, config.half_life / kSecondUs) * kSecondUs;
        if (auto status = fill(column); !status) return status.error().in("leaderboard of " + quoted(config.signal));
        parts_.leaderboards.push_back({column.table, column.slot, config.most});
        return {};
    }

    Result<PlanParts> finish() {
        if (parts_.tables.size() > kTablesMax || parts_.leaderboards.size() > kLeaderboardsMax || parts_.user_windows.size() > kUserWindowsMax) {
            return base::invalid_argument("features: at most " + std::to_string(kTablesMax) + " different owners, " +
                                          std::to_string(kUserWindowsMax) + " windows of users and " + std::to_string(kLeaderboardsMax) +
                                          " popularity retrievers are allowed");
        }
        return std::move(parts_);
    }

private:
    Status fill(FeatureColumn& column) {
        switch (column.config.kind) {
            case FeatureKind::Attribute: return fill_attribute(column);
            case FeatureKind::Age: return fill_age(column);
            case FeatureKind::Clock: return require_times("clock");
            case FeatureKind::Sequence: return fill_sequence(column);
            case FeatureKind::Cosine: return fill_cosine(column);
            case FeatureKind::Dot:
            case FeatureKind::RetrieverScore:
            case FeatureKind::RetrieverRank: return fill_retriever(column);
            case FeatureKind::Count:
            case FeatureKind::Rate:
            case FeatureKind::Recency:
            case FeatureKind::Distinct: return fill_state(column);
        }
        return base::internal_error("unknown feature kind");
    }

    Status require_times(std::string_view what) const {
        if (inputs_.has_times) return {};
        return base::invalid_argument(std::string(what) + " needs times, and the events have none (data.events.time)");
    }

    Status fill_attribute(FeatureColumn& column) {
        const std::string& of = column.config.of;
        const std::string& name = column.config.attribute;
        if (of == "context") {
            SHORTLIST_ASSIGN(column.attribute, find_context_field(inputs_.events, name));
            column.categorical = true;
            return {};
        }
        if (of != "item" && of != "user") return base::invalid_argument("`of` must be item, user or context; got " + quoted(of));
        SHORTLIST_TRY(find_value(column, of == "item" ? inputs_.items : inputs_.users, of));
        column.of_item = of == "item";
        return {};
    }

    // A number or a category.
    static Status find_value(FeatureColumn& column, const data::EntityTable& table, std::string_view of) {
        SHORTLIST_ASSIGN(column.attribute, find_attribute(table, column.config.attribute, of));
        const AttributeType type = table.attributes[column.attribute].type;
        if (type != AttributeType::Number && type != AttributeType::Category) {
            return base::invalid_argument("attribute " + quoted(column.config.attribute) + " must be a number or a category");
        }
        column.categorical = type == AttributeType::Category;
        return {};
    }

    Status fill_age(FeatureColumn& column) {
        SHORTLIST_TRY(require_times("age"));
        if (column.config.of != "item" && column.config.of != "user")
            return base::invalid_argument("`of` must be item or user; got " + quoted(column.config.of));
        column.of_item = column.config.of == "item";
        const auto& table = column.of_item ? inputs_.items : inputs_.users;
        SHORTLIST_ASSIGN(column.attribute, find_attribute(table, column.config.attribute, column.config.of));
        if (table.attributes[column.attribute].type != AttributeType::Time) {
            return base::invalid_argument("attribute " + quoted(column.config.attribute) + " must be a time");
        }
        return {};
    }

    Status fill_sequence(FeatureColumn& column) {
        SHORTLIST_ASSIGN(column.signal_bit, signal_bit(column.config.signal));
        column.categorical = true;
        switch (column.config.part) {
            case SequencePart::Item:
                if (column.config.buckets == 0) column.config.buckets = kItemBuckets;
                return {};
            case SequencePart::Signal: return {};
            case SequencePart::Age: column.categorical = false; return require_times("the age of a sequence");
            case SequencePart::Attribute: return find_value(column, inputs_.items, "item");
        }
        return base::internal_error("unknown part of a sequence");
    }

    Status fill_cosine(FeatureColumn& column) {
        SHORTLIST_ASSIGN(column.signal_bit, signal_bit(column.config.signal));
        SHORTLIST_ASSIGN(column.attribute, find_attribute(inputs_.items, column.config.attribute, "item"));
        const auto& attribute = inputs_.items.attributes[column.attribute];
        if (attribute.type != AttributeType::Vector || attribute.width > kCosineWidthMax) {
            return base::invalid_argument("attribute " + quoted(column.config.attribute) + " must be a vector of at most " +
                                          std::to_string(kCosineWidthMax) + " numbers");
        }
        column.of_item = true;
        return {};
    }

    Status fill_retriever(FeatureColumn& column) {
        const auto found = std::find(inputs_.retrievers.begin(), inputs_.retrievers.end(), column.config.retriever);
        if (found == inputs_.retrievers.end()) {
            return base::invalid_argument(
                with_nearest("no retriever is called " + quoted(column.config.retriever), column.config.retriever, inputs_.retrievers));
        }
        column.retriever = static_cast<std::size_t>(found - inputs_.retrievers.begin());
        column.of_item = true;
        return {};
    }

    Status fill_state(FeatureColumn& column) {
        const FeatureConfig& config = column.config;
        SHORTLIST_ASSIGN(const Owner owner, parse_owner(config.of, inputs_));
        SHORTLIST_ASSIGN(const std::size_t bit, signal_bit(config.signal));
        SHORTLIST_ASSIGN(const Past past, past_of(config, owner));
        column.of_item = owner.reads_item();
        if (config.kind == FeatureKind::Recency) {
            SHORTLIST_TRY(require_times("recency"));
            column.table = table_of(owner);
            column.slot = signal_slot(column.table, bit, &StateTable::recencies);
            return {};
        }
        if (config.kind == FeatureKind::Distinct) {
            column.table = table_of(owner);
            column.slot = signal_slot(column.table, bit, &StateTable::sketches);
            return {};
        }
        column.in_user_window = !owner.is_shared() && past.window > 0;
        if (!column.in_user_window) column.table = table_of(owner);
        const auto slot = [&](std::size_t signal) {
            return column.in_user_window ? user_window({owner, signal, past.window})
                                         : count_slot(column.table, {signal, past.half_life, past.window});
        };
        column.slot = slot(bit);
        if (config.kind != FeatureKind::Rate) return {};
        SHORTLIST_ASSIGN(const std::size_t per, signal_bit(config.per));
        column.per_slot = slot(per);
        column.global_slot = count_slot(kGlobalTable, {bit, past.half_life, past.window});
        column.global_per_slot = count_slot(kGlobalTable, {per, past.half_life, past.window});
        return {};
    }

    static Status check_whole(const std::string& field, TimeUs length, TimeUs unit) {
        if (length % unit == 0) return {};
        return base::invalid_argument(field + " must be whole " + (unit == kMinuteUs ? "minutes, in which shared counts change" : "seconds") +
                                      "; got " + base::format_duration(length));
    }

    Result<Past> past_of(const FeatureConfig& config, const Owner& owner) {
        Past past;
        const TimeUs half_life = config.half_life.us;
        const TimeUs window = config.window.us;
        if (half_life == 0 && window == 0) return past;
        if (half_life > 0 && window > 0) return base::invalid_argument("has a `half_life` and a `window`; give one of them");
        if (config.kind != FeatureKind::Count && config.kind != FeatureKind::Rate) {
            return base::invalid_argument("`half_life` and `window` are for count and rate; got " + quoted(name_of(config.kind)));
        }
        SHORTLIST_TRY(require_times(half_life > 0 ? "half_life" : "window"));
        SHORTLIST_TRY(half_life > 0 ? check_whole("`half_life`", half_life, kSecondUs)
                                    : check_whole("`window`", window, owner.is_shared() ? kMinuteUs : kSecondUs));
        if (window > 0) {
            past.window = static_cast<std::uint32_t>(window / kSecondUs);
            return past;
        }
        const auto seconds = static_cast<std::uint32_t>(half_life / kSecondUs);
        if (parts_.half_lives.full() && !parts_.half_lives.contains(seconds)) {
            return base::invalid_argument("at most " + std::to_string(kHalfLivesMax) + " different half-lives are allowed");
        }
        past.half_life = parts_.half_lives.add(seconds);
        return past;
    }

    Result<std::size_t> signal_bit(std::string_view name) const {
        if (name == kImpressionSignal) return kImpressionBit;
        return inputs_.signals.find(name);
    }

    std::size_t table_of(const Owner& owner) {
        auto& tables = parts_.tables;
        const auto found = std::ranges::find(tables, owner, &StateTable::owner);
        if (found != tables.end()) return static_cast<std::size_t>(found - tables.begin());
        tables.emplace_back().owner = owner;
        tables.back().key = key_of(owner);
        return tables.size() - 1;
    }

    BlockKey key_of(const Owner& owner) {
        using From = CodeSource::From;
        const auto source = [&](From from, std::size_t index) { return place_of(parts_.sources, {from, index}); };
        const std::size_t item = owner.item == ItemPart::Attribute ? source(From::ItemAttribute, owner.item_attribute)
                                 : owner.item == ItemPart::Item    ? source(From::Item, 0)
                                                                   : source(From::Zero, 0);
        if (!owner.is_shared()) return {item, item};
        if (owner.other == OtherPart::None) return {item, source(From::Nowhere, 0)};
        const std::size_t other = source(owner.other == OtherPart::Context ? From::Context : From::UserAttribute, owner.other_index);
        return owner.is_paired() ? BlockKey{item, other} : BlockKey{other, source(From::Nowhere, 0)};
    }

    // The place of `wanted` in `list`, which gets it where it is not there.
    template <class Value>
    static std::size_t place_of(std::vector<Value>& list, const std::type_identity_t<Value>& wanted) {
        const auto found = std::ranges::find(list, wanted);
        if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
        list.push_back(wanted);
        return list.size() - 1;
    }

    std::size_t user_window(const UserWindow& wanted) { return place_of(parts_.user_windows, wanted); }

    std::size_t count_slot(std::size_t t, const CountSlot& wanted) {
        StateTable& table = parts_.tables[t];
        table.signals |= SignalMask{1} << wanted.signal_bit;
        table.fades |= wanted.fades();
        table.windows |= wanted.window > 0;
        return place_of(table.counts, wanted);
    }

    std::size_t signal_slot(std::size_t t, std::size_t bit, std::vector<std::size_t> StateTable::*slots) {
        StateTable& table = parts_.tables[t];
        table.signals |= SignalMask{1} << bit;
        return place_of(table.*slots, bit);
    }

    const PlanInputs& inputs_;
    PlanParts parts_;
    std::set<std::string> names_;
};

// The values that a categorical column's codes stand for; nullptr where they are no catalogue's.
const data::Dictionary* dictionary_of(const FeatureColumn& column, const PlanInputs& inputs) {
    if (!column.categorical) return nullptr;
    if (column.config.kind == FeatureKind::Sequence) {
        return column.config.part == SequencePart::Attribute ? &inputs.items.attributes[column.attribute].values : nullptr;
    }
    if (column.config.of == "context") return &inputs.events.context_values[column.attribute];
    return &(column.of_item ? inputs.items : inputs.users).attributes[column.attribute].values;
}

}  // namespace

bool FeatureColumn::reads_block() const noexcept { return of_item && reads_state(config.kind) && !in_user_window; }

Result<FeaturePlan> FeaturePlan::create(std::vector<FeatureConfig> configs, const PlanInputs& inputs,
                                        const std::vector<LeaderboardConfig>& leaderboards) {
    if (inputs.signals.signals().size() > kImpressionBit) {
        return base::invalid_argument("at most " + std::to_string(kImpressionBit) + " signals are allowed beside impressions");
    }
    Planner planner(inputs);
    std::vector<std::string> errors;
    for (auto& config : configs) {
        if (auto status = planner.add(std::move(config)); !status) errors.push_back(status.error().message);
    }
    for (const auto& config : leaderboards) {
        if (auto status = planner.add_leaderboard(config); !status) errors.push_back(status.error().message);
    }
    if (!errors.empty()) return base::invalid_argument(base::join(errors, "\n"));
    FeaturePlan plan;
    SHORTLIST_ASSIGN(plan.parts_, planner.finish());
    plan.index();
    plan.bind_categories(plan.category_values(inputs), inputs);
    return plan;
}

void FeaturePlan::index() {
    for (std::size_t t = 0; t < tables().size(); ++t) {
        const StateTable& table = tables()[t];
        (table.owner.is_shared() ? shared_tables_ : user_tables_).push_back(t);
        has_user_sketches_ |= !table.owner.is_shared() && !table.sketches.empty();
        reads_context_ |= table.owner.other == OtherPart::Context;
    }
    readers_.resize(tables().size());
    for (std::size_t c = 0; c < columns().size(); ++c) {
        if (columns()[c].reads_block()) readers_[columns()[c].table].push_back(c);
    }
    user_table_.assign(tables().size(), user_tables_.size());
    for (std::size_t own = 0; own < user_tables_.size(); ++own) user_table_[user_tables_[own]] = own;
    for (const auto& window : user_windows()) {
        recent_signals_ |= SignalMask{1} << window.signal_bit;
        recent_seconds_ = std::max(recent_seconds_, window.seconds);
    }
}

std::vector<std::string> FeaturePlan::names() const {
    std::vector<std::string> names;
    for (const auto& column : columns()) names.push_back(column.config.name);
    return names;
}

std::vector<std::vector<std::string>> FeaturePlan::category_values(const PlanInputs& inputs) const {
    std::vector<std::vector<std::string>> values(columns().size());
    for (std::size_t c = 0; c < columns().size(); ++c) {
        const auto* dictionary = dictionary_of(columns()[c], inputs);
        if (dictionary == nullptr || columns()[c].config.buckets > 0) continue;
        for (std::uint32_t code = 0; code < dictionary->size(); ++code) values[c].emplace_back((*dictionary)[code]);
    }
    return values;
}

void FeaturePlan::bind_categories(const std::vector<std::vector<std::string>>& values, const PlanInputs& inputs) {
    for (std::size_t c = 0; c < columns().size(); ++c) {
        FeatureColumn& column = parts_.columns[c];
        const auto* dictionary = dictionary_of(column, inputs);
        if (dictionary == nullptr) continue;
        column.code_map.assign(dictionary->size(), 0);
        for (std::uint32_t code = 0; code < dictionary->size() && column.config.buckets > 0; ++code) {
            column.code_map[code] = bucket_of((*dictionary)[code], column.config.buckets);
        }
        for (std::size_t trained = 0; trained < values[c].size(); ++trained) {
            const std::uint32_t code = dictionary->find(values[c][trained]);
            if (code != kNoRow) column.code_map[code] = static_cast<std::uint32_t>(trained);
        }
    }
}

std::uint32_t bucket_of(std::string_view text, std::uint64_t buckets) noexcept {
    return text.empty() ? 0 : static_cast<std::uint32_t>(1 + data::text_hash(text) % buckets);
}

}  // namespace shortlist::features
