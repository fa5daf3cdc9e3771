#include "engine/features/plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/text.h"

namespace shortlist::features {

namespace {

using data::AttributeType;

std::string quoted(std::string_view text) { return "'" + base::printable(text) + "'"; }

std::string with_nearest(const std::string& message, std::string_view word, std::span<const std::string> options) {
    const std::string near = base::nearest(word, options);
    return message + "; there are " + (options.empty() ? "none" : base::join(options)) + (near.empty() ? "" : "; did you mean " + quoted(near) + "?");
}

std::vector<std::string> attribute_names(const data::EntityTable& table) {
    std::vector<std::string> names;
    for (const auto& attribute : table.attributes) names.push_back(attribute.name);
    return names;
}

Result<std::size_t> find_attribute(const data::EntityTable& table, std::string_view name, std::string_view whose) {
    for (std::size_t a = 0; a < table.attributes.size(); ++a) {
        if (table.attributes[a].name == name) return a;
    }
    const auto names = attribute_names(table);
    return base::invalid_argument(with_nearest("no " + std::string(whose) + " attribute is called " + quoted(name), name, names));
}

struct OwnerOf {
    Owner owner = Owner::Global;
    std::size_t attribute = 0;
};

// What a plan is made of.
struct Planned {
    std::vector<FeatureColumn> columns;
    std::vector<Leaderboard> leaderboards;
    std::vector<StateTable> tables;
};

// Builds one plan: adds tables and slots as features ask for them.
class Planner {
public:
    explicit Planner(const PlanInputs& inputs) : inputs_(inputs) { table_of({Owner::Global, 0}); }

    Status add(FeatureConfig config) {
        if (config.name.empty()) config.name = derived_name(config);
        const std::string where = "feature " + quoted(config.name);
        FeatureColumn column;
        column.config = std::move(config);
        if (!names_.insert(column.config.name).second) return base::invalid_argument(where + ": the name is taken; give one of the two a `name`");
        if (auto status = fill(column); !status) return status.error().in(where);
        planned_.columns.push_back(std::move(column));
        return {};
    }

    Status add_leaderboard(const LeaderboardConfig& config) {
        FeatureColumn column;
        column.config.kind = FeatureKind::Count;
        column.config.of = "item";
        column.config.signal = config.signal;
        column.config.half_life.us = config.half_life;
        if (auto status = fill(column); !status) return status.error().in("leaderboard of " + quoted(config.signal));
        planned_.leaderboards.push_back({column.table, column.slot, config.most});
        return {};
    }

    Planned finish() { return std::move(planned_); }

private:
    Status fill(FeatureColumn& column) {
        switch (column.config.kind) {
            case FeatureKind::Attribute: return fill_attribute(column);
            case FeatureKind::Age: return fill_age(column);
            case FeatureKind::Clock: return require_times("clock");
            case FeatureKind::Dot:
            case FeatureKind::RetrieverScore:
            case FeatureKind::RetrieverRank: return fill_retriever(column);
            case FeatureKind::Count:
            case FeatureKind::Rate:
            case FeatureKind::Recency: return fill_state(column);
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
            const auto& fields = inputs_.events.context_names;
            const auto found = std::find(fields.begin(), fields.end(), name);
            if (found == fields.end()) return base::invalid_argument(with_nearest("no context field is called " + quoted(name), name, fields));
            column.attribute = static_cast<std::size_t>(found - fields.begin());
            column.categorical = true;
            return {};
        }
        if (of != "item" && of != "user") return base::invalid_argument("`of` must be item, user or context; got " + quoted(of));
        const auto& table = of == "item" ? inputs_.items : inputs_.users;
        SHORTLIST_ASSIGN(column.attribute, find_attribute(table, name, of));
        const AttributeType type = table.attributes[column.attribute].type;
        if (type != AttributeType::Number && type != AttributeType::Category) {
            return base::invalid_argument("attribute " + quoted(name) + " must be a number or a category");
        }
        column.categorical = type == AttributeType::Category;
        column.of_item = of == "item";
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
        if (column.config.half_life.us > 0 || column.config.kind == FeatureKind::Recency) {
            SHORTLIST_TRY(require_times(column.config.kind == FeatureKind::Recency ? "recency" : "half_life"));
        }
        SHORTLIST_ASSIGN(const OwnerOf whose, parse_owner(column.config.of));
        SHORTLIST_ASSIGN(const std::size_t bit, signal_bit(column.config.signal));
        column.table = table_of(whose);
        column.of_item = whose.owner != Owner::Global && whose.owner != Owner::User;
        const double decay = column.config.half_life.us > 0 ? 1.0 / static_cast<double>(column.config.half_life.us) : 0.0;
        if (column.config.kind == FeatureKind::Recency) {
            column.slot = recency_slot(column.table, bit);
            return {};
        }
        column.slot = count_slot(column.table, {bit, decay});
        if (column.config.kind == FeatureKind::Rate) {
            SHORTLIST_ASSIGN(const std::size_t per, signal_bit(column.config.per));
            column.per_slot = count_slot(column.table, {per, decay});
            column.global_slot = count_slot(kGlobalTable, {bit, decay});
            column.global_per_slot = count_slot(kGlobalTable, {per, decay});
        }
        return {};
    }

    Result<std::size_t> signal_bit(std::string_view name) const {
        if (name == kImpressionSignal) return kImpressionBit;
        return inputs_.signals.find(name);
    }

    Result<OwnerOf> parse_owner(std::string_view of) const {
        static const std::vector<std::pair<std::string_view, Owner>> kPlain{
            {"global", Owner::Global}, {"item", Owner::Item}, {"user", Owner::User}, {"user x item", Owner::UserByItem}};
        for (const auto& [name, owner] : kPlain) {
            if (of == name) return OwnerOf{owner, 0};
        }
        static const std::vector<std::pair<std::string_view, Owner>> kPrefixes{
            {"item.", Owner::ItemAttribute}, {"user x item.", Owner::UserByItemAttribute}, {"item x user.", Owner::ItemByUserAttribute}};
        for (const auto& [prefix, owner] : kPrefixes) {
            if (!of.starts_with(prefix)) continue;
            const bool of_user = owner == Owner::ItemByUserAttribute;
            const auto& table = of_user ? inputs_.users : inputs_.items;
            const std::string_view name = of.substr(prefix.size());
            SHORTLIST_ASSIGN(const std::size_t attribute, find_attribute(table, name, of_user ? "user" : "item"));
            if (table.attributes[attribute].type != AttributeType::Category) {
                return base::invalid_argument("`of`: attribute " + quoted(name) + " must be a category");
            }
            return OwnerOf{owner, attribute};
        }
        return base::invalid_argument(
            "`of` must be global, user, item, item.ATTRIBUTE, user x item, user x item.ATTRIBUTE or item x user.ATTRIBUTE; got " + quoted(of));
    }

    std::size_t table_of(const OwnerOf& whose) {
        for (std::size_t t = 0; t < planned_.tables.size(); ++t) {
            if (planned_.tables[t].owner == whose.owner && planned_.tables[t].attribute == whose.attribute) return t;
        }
        StateTable table;
        table.owner = whose.owner;
        table.attribute = whose.attribute;
        planned_.tables.push_back(std::move(table));
        return planned_.tables.size() - 1;
    }

    std::size_t count_slot(std::size_t t, CountSlot wanted) {
        StateTable& table = planned_.tables[t];
        table.signals |= SignalMask{1} << wanted.signal_bit;
        for (std::size_t s = 0; s < table.counts.size(); ++s) {
            if (table.counts[s].signal_bit == wanted.signal_bit && table.counts[s].decay == wanted.decay) return s;
        }
        table.counts.push_back(wanted);
        return table.counts.size() - 1;
    }

    std::size_t recency_slot(std::size_t t, std::size_t bit) {
        StateTable& table = planned_.tables[t];
        table.signals |= SignalMask{1} << bit;
        const auto found = std::find(table.recencies.begin(), table.recencies.end(), bit);
        if (found != table.recencies.end()) return static_cast<std::size_t>(found - table.recencies.begin());
        table.recencies.push_back(bit);
        return table.recencies.size() - 1;
    }

    const PlanInputs& inputs_;
    Planned planned_;
    std::set<std::string> names_;
};

const data::Dictionary& category_dictionary(const FeatureColumn& column, const PlanInputs& inputs) {
    if (column.config.of == "context") return inputs.events.context_values[column.attribute];
    return (column.of_item ? inputs.items : inputs.users).attributes[column.attribute].values;
}

}  // namespace

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
    Planned planned = planner.finish();
    FeaturePlan plan;
    plan.columns_ = std::move(planned.columns);
    plan.leaderboards_ = std::move(planned.leaderboards);
    plan.tables_ = std::move(planned.tables);
    plan.bind_categories(plan.category_values(inputs), inputs);
    return plan;
}

std::vector<std::string> FeaturePlan::names() const {
    std::vector<std::string> names;
    for (const auto& column : columns_) names.push_back(column.config.name);
    return names;
}

std::vector<std::vector<std::string>> FeaturePlan::category_values(const PlanInputs& inputs) const {
    std::vector<std::vector<std::string>> values(columns_.size());
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        if (!columns_[c].categorical) continue;
        const auto& dictionary = category_dictionary(columns_[c], inputs);
        for (std::uint32_t code = 0; code < dictionary.size(); ++code) values[c].emplace_back(dictionary[code]);
    }
    return values;
}

void FeaturePlan::bind_categories(const std::vector<std::vector<std::string>>& values, const PlanInputs& inputs) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        if (!columns_[c].categorical) continue;
        const auto& dictionary = category_dictionary(columns_[c], inputs);
        columns_[c].code_map.assign(dictionary.size(), 0);
        for (std::size_t trained = 0; trained < values[c].size(); ++trained) {
            const std::uint32_t code = dictionary.find(values[c][trained]);
            if (code != kNoRow) columns_[c].code_map[code] = static_cast<std::uint32_t>(trained);
        }
    }
}

}  // namespace shortlist::features
