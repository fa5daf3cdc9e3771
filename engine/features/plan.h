/// Feature definitions, checked against a project's data and laid out as state: which tables the fold keeps, with which slots,
/// and which slots each feature reads. Immutable after creation; any thread may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/dataset.h"
#include "engine/data/signals.h"
#include "engine/features/feature_config.h"
#include "engine/features/half_lives.h"
#include "engine/features/state_table.h"

namespace shortlist::features {

/// Numbers of a vector that a cosine reads.
inline constexpr std::size_t kCosineWidthMax = 1024;
/// The last time that state knows: a second in the year 2106.
inline constexpr TimeUs kTimeMax = TimeUs{std::numeric_limits<std::uint32_t>::max()} * kSecondUs;

/// A count within a sliding window of a user's recent events, counted when it is read.
struct UserWindow {
    Owner owner;
    std::size_t signal_bit = 0;
    std::uint32_t seconds = 0;

    friend bool operator==(const UserWindow&, const UserWindow&) = default;
};

/// How one column of a feature row is computed.
struct FeatureColumn {
    FeatureConfig config;      ///< With its name filled in.
    bool categorical = false;
    std::size_t table = 0;         ///< Count, Rate, Recency, Distinct: index into tables.
    std::size_t slot = 0;          ///< Count and Rate: count slot, or index into user windows; Recency, Distinct: slot of its kind.
    std::size_t per_slot = 0;      ///< Rate: the same of the denominator.
    std::size_t global_slot = 0;   ///< Rate: count slots of the two in the global table.
    std::size_t global_per_slot = 0;
    bool in_user_window = false;   ///< Count and Rate: `slot` and `per_slot` are user windows; no table.
    std::size_t attribute = 0;     ///< Attribute, Age, Cosine, Sequence: index into the owner's attributes or the context fields.
    std::size_t signal_bit = 0;    ///< Sequence, Cosine.
    std::size_t back = 0;          ///< Sequence: how many items lie between this one and the newest.
    bool of_item = false;          ///< Depends on the candidate; the others are computed once a request.
    std::size_t retriever = 0;     ///< Dot, RetrieverScore, RetrieverRank: index into the retrievers.
    /// Whether it is read from a block of state that the candidate chooses.
    [[nodiscard]] bool reads_block() const noexcept;
    /// Categorical: what a code of the catalogue is called in the model; codes past its end are 0, unknown, or hashed.
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
    bool has_times = true;  ///< False: age, clock, recency, half-lives and windows are refused.
};

/// What a plan is made of.
struct PlanParts {
    std::vector<FeatureColumn> columns;
    std::vector<Leaderboard> leaderboards;
    std::vector<StateTable> tables;
    std::vector<UserWindow> user_windows;
    std::vector<CodeSource> sources;
    HalfLives half_lives;
};

inline constexpr std::size_t kTablesMax = 64;
inline constexpr std::size_t kLeaderboardsMax = 16;
inline constexpr std::size_t kUserWindowsMax = 8;
/// Table 0 of every plan is the global one.
inline constexpr std::size_t kGlobalTable = 0;

class FeaturePlan {
public:
    /// `leaderboards`: lists that are kept for the retrievers that read them.
    /// Errors: InvalidArgument naming the feature, the field and what is allowed; all of them, a line each.
    static Result<FeaturePlan> create(std::vector<FeatureConfig> configs, const PlanInputs& inputs,
                                      const std::vector<LeaderboardConfig>& leaderboards = {});

    /// A sequence has `last` columns, every other feature one.
    [[nodiscard]] const std::vector<FeatureColumn>& columns() const noexcept { return parts_.columns; }
    /// In the order in which they were asked for.
    [[nodiscard]] const std::vector<Leaderboard>& leaderboards() const noexcept { return parts_.leaderboards; }
    [[nodiscard]] const std::vector<StateTable>& tables() const noexcept { return parts_.tables; }
    [[nodiscard]] const std::vector<CodeSource>& sources() const noexcept { return parts_.sources; }
    [[nodiscard]] const HalfLives& half_lives() const noexcept { return parts_.half_lives; }
    [[nodiscard]] const std::vector<UserWindow>& user_windows() const noexcept { return parts_.user_windows; }

    /// Indices of the tables of users' own state, ascending; and a table's place among them, their number for a shared one.
    [[nodiscard]] std::span<const std::size_t> user_tables() const noexcept { return user_tables_; }
    [[nodiscard]] std::size_t user_table(std::size_t table) const noexcept { return user_table_[table]; }
    [[nodiscard]] std::span<const std::size_t> shared_tables() const noexcept { return shared_tables_; }
    /// Columns that read a table's block for each candidate.
    [[nodiscard]] std::span<const std::size_t> readers(std::size_t table) const noexcept { return readers_[table]; }
    /// Signals of the user windows, and the longest of them in seconds.
    [[nodiscard]] SignalMask recent_signals() const noexcept { return recent_signals_; }
    [[nodiscard]] std::uint32_t recent_seconds() const noexcept { return recent_seconds_; }
    /// Whether shared tables, or those of users, hold sketches.
    [[nodiscard]] bool has_user_sketches() const noexcept { return has_user_sketches_; }
    [[nodiscard]] bool reads_context() const noexcept { return reads_context_; }
    /// Names of the columns, in order.
    [[nodiscard]] std::vector<std::string> names() const;

    /// For each categorical column that is not hashed the texts behind its codes, to be stored with the model ...
    [[nodiscard]] std::vector<std::vector<std::string>> category_values(const PlanInputs& inputs) const;
    /// ... and bound again to a catalogue whose codes may differ. Requires one list a column, empty for the others.
    void bind_categories(const std::vector<std::vector<std::string>>& values, const PlanInputs& inputs);

private:
    void index();

    PlanParts parts_;
    std::vector<std::size_t> user_tables_;
    std::vector<std::size_t> user_table_;
    std::vector<std::size_t> shared_tables_;
    std::vector<std::vector<std::size_t>> readers_;
    SignalMask recent_signals_ = 0;
    std::uint32_t recent_seconds_ = 0;
    bool has_user_sketches_ = false;
    bool reads_context_ = false;
};

/// What an event or a request and a candidate bring to the choice of blocks.
struct CodeInputs {
    const data::EntityTable& items;
    const data::EntityTable& users;
    ItemRow item = kNoRow;                   ///< kNoRow only where the source reads none.
    UserRow user = kNoRow;                   ///< kNoRow: a newcomer, whose attributes are unknown.
    std::span<const std::uint32_t> context;  ///< Shorter or empty: unknown.
};
[[nodiscard]] inline std::uint32_t code_from(const CodeSource& source, const CodeInputs& inputs) noexcept {
    switch (source.from) {
        case CodeSource::From::Nowhere: return kNoRow;
        case CodeSource::From::Zero: return 0;
        case CodeSource::From::Item: return inputs.item;
        case CodeSource::From::ItemAttribute: return inputs.items.attributes[source.index].codes[inputs.item];
        case CodeSource::From::UserAttribute: return inputs.user == kNoRow ? 0 : inputs.users.attributes[source.index].codes[inputs.user];
        case CodeSource::From::Context: return source.index < inputs.context.size() ? inputs.context[source.index] : 0;
    }
    return kNoRow;
}

/// The code of a text among `buckets`: 1 + its hash, 0 for the empty one.
[[nodiscard]] std::uint32_t bucket_of(std::string_view text, std::uint64_t buckets) noexcept;

}  // namespace shortlist::features
