#include "engine/features/tick_increments.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "engine/features/shared_state.h"
#include "engine/features/state_block.h"

namespace shortlist::features {

namespace {

using base::invalid_argument;

// The columns of TickIncrements while they are made.
class Increments {
public:
    // Begins a row; its blocks follow.
    void begin(TimeUs tick, std::uint32_t table, std::uint32_t counts, std::uint32_t lasts) {
        tick_.push_back(tick);
        table_.push_back(table);
        counts_.push_back(counts);
        lasts_.push_back(lasts);
    }
    void add(std::uint64_t key, std::uint64_t first, std::span<const std::uint32_t> block) {
        keys_.push_back(key);
        first_.push_back(first);
        words_.insert(words_.end(), block.begin(), block.end());
    }
    void end() {
        key_ends_.push_back(static_cast<std::int64_t>(keys_.size()));
        word_ends_.push_back(static_cast<std::int64_t>(words_.size()));
    }

    data::ArrowBatch finish() && {
        data::ArrowBatchBuilder builder;
        builder.add("tick", std::move(tick_)).add("table", std::move(table_)).add("counts", std::move(counts_)).add("lasts", std::move(lasts_));
        builder.add_lists("keys", key_ends_, std::move(keys_)).add_lists("first", key_ends_, std::move(first_));
        return builder.add_lists("words", std::move(word_ends_), std::move(words_)).finish();
    }

private:
    std::vector<std::int64_t> tick_;
    std::vector<std::uint32_t> table_, counts_, lasts_, words_;
    std::vector<std::uint64_t> keys_, first_;
    std::vector<std::int64_t> key_ends_{0}, word_ends_{0};
};

std::string place_of(const TickIncrements& increments, std::size_t row) {
    return "increments of table " + std::to_string(increments.table[row]) + " at " + std::to_string(increments.tick[row]);
}

Status check_shape(const TickIncrements& increments, std::size_t row) {
    const std::size_t keys = increments.keys[row].size();
    const std::size_t words = increments.words[row].size();
    if (keys == 0 || increments.first[row].size() != keys || words % keys != 0 ||
        std::uint64_t{increments.counts[row]} + increments.lasts[row] > words / keys) {
        return invalid_argument(place_of(increments, row) + ": " + std::to_string(words) + " words do not fit " + std::to_string(keys) + " keys");
    }
    const bool ascends =
        row == 0 || std::tie(increments.tick[row - 1], increments.table[row - 1]) < std::tie(increments.tick[row], increments.table[row]);
    if (!ascends) return invalid_argument(place_of(increments, row) + " must stand behind the row before: ascending by tick, then by table");
    return {};
}

// Adds a part's block to the sum.
void add_block(std::span<std::uint32_t> sum, std::span<const std::uint32_t> part, std::size_t counts, std::size_t lasts) {
    for (std::size_t w = 0; w < counts; ++w) sum[w] += part[w];
    for (std::size_t w = counts; w < counts + lasts; ++w) sum[w] = std::max(sum[w], part[w]);
    merge_sketch(sum.subspan(counts + lasts), part.subspan(counts + lasts));
}

struct PartBlock {
    std::uint64_t key = 0;
    std::uint64_t first = 0;
    std::span<const std::uint32_t> words;
};

struct RowOfPart {
    const TickIncrements* part = nullptr;
    std::size_t row = 0;
};

// Adds up the rows that parts have for one tick and table.
Status sum_rows(std::span<const RowOfPart> rows, Increments& out) {
    const auto& [part, row] = rows.front();
    const std::uint32_t counts = part->counts[row];
    const std::uint32_t lasts = part->lasts[row];
    std::vector<PartBlock> blocks;
    std::size_t stride = 0;
    for (const auto& [other, at] : rows) {
        const auto keys = other->keys[at];
        const std::size_t here = other->words[at].size() / keys.size();
        if (other->counts[at] != counts || other->lasts[at] != lasts || (stride != 0 && here != stride)) {
            return invalid_argument(place_of(*other, at) + " have another layout in another part: the parts are of different plans");
        }
        stride = here;
        for (std::size_t k = 0; k < keys.size(); ++k) blocks.push_back({keys[k], other->first[at][k], other->words[at].subspan(k * stride, stride)});
    }
    std::ranges::sort(blocks, [](const PartBlock& a, const PartBlock& b) { return std::tie(a.key, a.first) < std::tie(b.key, b.first); });
    std::vector<PartBlock> sums;  // with the words of `summed`
    std::vector<std::uint32_t> summed;
    summed.reserve(blocks.size() * stride);
    for (const auto& block : blocks) {
        if (sums.empty() || sums.back().key != block.key) {
            sums.push_back({block.key, block.first, {}});
            summed.insert(summed.end(), block.words.begin(), block.words.end());
        } else {
            add_block(std::span(summed).last(stride), block.words, counts, lasts);
        }
    }
    for (std::size_t s = 0; s < sums.size(); ++s) sums[s].words = std::span(summed).subspan(s * stride, stride);
    std::ranges::sort(sums, {}, &PartBlock::first);
    out.begin(part->tick[row], part->table[row], counts, lasts);
    for (const auto& sum : sums) out.add(sum.key, sum.first, sum.words);
    out.end();
    return {};
}

}  // namespace

Result<TickIncrements> increments_in(const data::ArrowBatch& batch) {
    TickIncrements increments;
    SHORTLIST_ASSIGN(increments.tick, batch.numbers<std::int64_t>("tick"));
    SHORTLIST_ASSIGN(increments.table, batch.numbers<std::uint32_t>("table"));
    SHORTLIST_ASSIGN(increments.counts, batch.numbers<std::uint32_t>("counts"));
    SHORTLIST_ASSIGN(increments.lasts, batch.numbers<std::uint32_t>("lasts"));
    SHORTLIST_ASSIGN(increments.keys, batch.lists<std::uint64_t>("keys"));
    SHORTLIST_ASSIGN(increments.first, batch.lists<std::uint64_t>("first"));
    SHORTLIST_ASSIGN(increments.words, batch.lists<std::uint32_t>("words"));
    for (std::size_t row = 0; row < increments.size(); ++row) SHORTLIST_TRY(check_shape(increments, row));
    return increments;
}

Status check_increments(const TickIncrements& increments, const FeaturePlan& plan, std::span<const std::size_t> rows) {
    for (std::size_t row = 0; row < increments.size(); ++row) {
        const std::size_t t = increments.table[row];
        const bool is_shared = t < plan.tables().size() && plan.tables()[t].owner.is_shared();
        if (!is_shared || plan.tables()[t].counts.size() != increments.counts[row] || plan.tables()[t].recencies.size() != increments.lasts[row] ||
            increments.words[row].size() != increments.keys[row].size() * pending_stride(plan.tables()[t])) {
            return invalid_argument(place_of(increments, row) + " are of another plan");
        }
        const auto known = [&](std::uint64_t key) { return SharedState::is_key(plan.tables()[t], key, rows[t]); };
        if (!std::ranges::all_of(increments.keys[row], known))
            return invalid_argument(place_of(increments, row) + " name a row or value that is not there");
    }
    return {};
}

Result<data::ArrowBatch> sum_increments(std::span<const TickIncrements> parts) {
    std::vector<RowOfPart> rows;
    for (const auto& part : parts) {
        for (std::size_t row = 0; row < part.size(); ++row) rows.push_back({&part, row});
    }
    const auto place = [](const RowOfPart& of) { return std::pair(of.part->tick[of.row], of.part->table[of.row]); };
    std::ranges::stable_sort(rows, {}, place);
    Increments out;
    for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
        while (end < rows.size() && place(rows[end]) == place(rows[begin])) ++end;
        SHORTLIST_TRY(sum_rows(std::span(rows).subspan(begin, end - begin), out));
    }
    return std::move(out).finish();
}

struct PartitionGatherer::Columns {
    Increments increments;
};

PartitionGatherer::PartitionGatherer(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users, TimeUs tick,
                                     UserPartition partition)
    : plan_(plan),
      partition_(partition),
      clock_(tick),
      gatherer_(plan, items, users),
      first_(plan.tables().size()),
      columns_(std::make_unique<Columns>()) {}

PartitionGatherer::~PartitionGatherer() = default;

void PartitionGatherer::apply(const FoldEvent& event) {
    advance_to(event.time);
    const std::uint64_t number = events_++;
    if (!partition_.holds(event.user)) return;
    if (event.user >= last_times_.size()) last_times_.resize(std::max<std::size_t>(event.user + std::size_t{1}, last_times_.size() * 2), 0);
    TimeUs& last = last_times_[event.user];
    last = std::max(event.time, last);
    (void)gatherer_.look_up_codes(event);
    gatherer_.gather(event, second_of(last));
    for (const std::size_t t : plan_.shared_tables()) {
        if (gatherer_.pending().keys(t).size() > first_[t].size()) first_[t].push_back(number);
    }
}

void PartitionGatherer::advance_to(TimeUs time) {
    if (!clock_.is_over(time)) return;
    end_tick();
    clock_.begin(time);
}

void PartitionGatherer::end_tick() {
    auto& pending = gatherer_.pending();
    for (const std::size_t t : plan_.shared_tables()) {
        const auto keys = pending.keys(t);
        if (keys.empty()) continue;
        const StateTable& table = plan_.tables()[t];
        auto& out = columns_->increments;
        out.begin(clock_.end(), static_cast<std::uint32_t>(t), static_cast<std::uint32_t>(table.counts.size()),
                  static_cast<std::uint32_t>(table.recencies.size()));
        for (std::size_t k = 0; k < keys.size(); ++k) out.add(keys[k], first_[t][k], pending.block(t, k));
        out.end();
        first_[t].clear();
    }
    pending.clear();
}

data::ArrowBatch PartitionGatherer::finish() {
    end_tick();
    return std::move(columns_->increments).finish();
}

}  // namespace shortlist::features
