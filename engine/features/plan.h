/// Feature definitions, checked against a project's data and laid out as state: which tables the fold keeps, with which slots,
/// and which slots each feature reads. Immutable after creation; any thread may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/dataset.h"
#include "engine/data/signals.h"
#include "engine/features/feature_config.h"

namespace shortlist::features {

/// Signals in bits 0..30; impressions in bit 31.
using data::SignalMask;
inline constexpr std::size_t kImpressionBit = 31;

/// Whose state a table holds.
enum class Owner {
    Global,               ///< One block.
    Item,                 ///< A block an item.
    ItemAttribute,        ///< A block a value of an item attribute.
    ItemByUserAttribute,  ///< Blocks an item, by a value of a user attribute.
    User,                 ///< A block a user.
    UserByItem,           ///< Blocks a user, by item.
    UserByItemAttribute,  ///< Blocks a user, by a value of an item attribute.
};
[[nodiscard]] constexpr bool is_shared(Owner owner) { return owner <= Owner::ItemByUserAttribute; }

/// A decayed count of one signal.
struct CountSlot {
    std::size_t signal_bit = 0;
    double decay = 0;  ///< 1 / half-life in microseconds; 0 never forgets.
};

/// The last microsecond that a double holds exactly: in the year 2255.
inline constexpr TimeUs kTimeMax = TimeUs{1} << 53;

/// One table of state. A block is [time of the last update, counts..., times of the last event...], all doubles; times in
/// microseconds.
struct StateTable {
    Owner owner = Owner::Global;
    std::size_t attribute = 0;  ///< Index into the items' or users' attributes, for the owners that have one.
    std::vector<CountSlot> counts;
    std::vector<std::size_t> recencies;  ///< Signal bits.
    SignalMask signals = 0;              ///< Union of the bits above: events without any of them leave the table alone.

    [[nodiscard]] std::size_t stride() const noexcept { return 1 + counts.size() + recencies.size(); }
    [[nodiscard]] std::size_t count_at(std::size_t slot) const noexcept { return 1 + slot; }
    [[nodiscard]] std::size_t recency_at(std::size_t slot) const noexcept { return 1 + counts.size() + slot; }
};

/// How one column of a feature row is computed.
struct FeatureColumn {
    FeatureConfig config;      ///< With its name filled in.
    bool categorical = false;
    std::size_t table = 0;         ///< Count, Rate, Recency: index into tables.
    std::size_t slot = 0;          ///< Count and Rate: count slot; Recency: recency slot.
    std::size_t per_slot = 0;      ///< Rate: slot of the denominator.
    std::size_t global_slot = 0;   ///< Rate: the same two in the global table.
    std::size_t global_per_slot = 0;
    std::size_t attribute = 0;     ///< Attribute, Age: index into the owner's attributes or the context fields.
    bool of_item = false;          ///< Depends on the candidate; the others are computed once a request.
    std::size_t retriever = 0;     ///< Dot, RetrieverScore, RetrieverRank: index into the retrievers.
    /// Categorical: what a code of the catalogue is called in the model; codes past its end are 0, unknown.
    std::vector<std::uint32_t> code_map;
};

/// A list of the items of greatest count of a signal, to be kept besides what features read.
struct LeaderboardConfig {
    std::string signal;
    TimeUs half_life = 0;  ///< 0 never forgets.
    std::size_t most = 0;  ///< Items on it.
};
/// Where that count is.
struct Leaderboard {
    std::size_t table = 0;
    std::size_t slot = 0;
    std::size_t most = 0;
};

/// What a plan is made against. The tables must outlive nothing: only their schema is read.
struct PlanInputs {
    const data::EntityTable& items;
    const data::EntityTable& users;
    const data::EventTable& events;  ///< Only its context fields and their values.
    const data::SignalSet& signals;
    std::span<const std::string> retrievers;
    bool has_times = true;  ///< False: age, clock, recency and half-lives are refused.
};

class FeaturePlan {
public:
    /// `leaderboards`: lists that are kept for the retrievers that read them.
    /// Errors: InvalidArgument naming the feature, the field and what is allowed; all of them, a line each.
    static Result<FeaturePlan> create(std::vector<FeatureConfig> configs, const PlanInputs& inputs,
                                      const std::vector<LeaderboardConfig>& leaderboards = {});

    [[nodiscard]] const std::vector<FeatureColumn>& columns() const noexcept { return columns_; }
    /// In the order in which they were asked for.
    [[nodiscard]] const std::vector<Leaderboard>& leaderboards() const noexcept { return leaderboards_; }
    [[nodiscard]] const std::vector<StateTable>& tables() const noexcept { return tables_; }
    /// Names of the columns, in order.
    [[nodiscard]] std::vector<std::string> names() const;

    /// For each categorical column the texts behind its codes, to be stored with the model ...
    [[nodiscard]] std::vector<std::vector<std::string>> category_values(const PlanInputs& inputs) const;
    /// ... and bound again to a catalogue whose codes may differ. Requires one list a column, empty for the others.
    void bind_categories(const std::vector<std::vector<std::string>>& values, const PlanInputs& inputs);

private:
    std::vector<FeatureColumn> columns_;
    std::vector<Leaderboard> leaderboards_;
    std::vector<StateTable> tables_;
};

/// Table 0 of every plan is the global one.
inline constexpr std::size_t kGlobalTable = 0;

}  // namespace shortlist::features
