#include "engine/features/executor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "engine/features/window_counts.h"

namespace shortlist::features {

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
// Candidates whose blocks are looked up together: their addresses fit into the first cache.
constexpr std::size_t kTogether = 16;

// 1970-01-01 was a Thursday; Monday is 0.
float weekday(TimeUs time) { return static_cast<float>(((time / kDayUs) % 7 + 7 + 3) % 7); }
float hour(TimeUs time) { return static_cast<float>((time % kDayUs + kDayUs) % kDayUs) / static_cast<float>(kHourUs); }

float code_value(const FeatureColumn& column, const data::Dictionary& values, std::uint32_t code) {
    if (code < column.code_map.size()) return static_cast<float>(column.code_map[code]);
    return column.config.buckets > 0 ? static_cast<float>(bucket_of(values[code], column.config.buckets)) : 0.0F;
}

float retriever_value(const FeatureColumn& column, const RetrieverViews& views, std::size_t candidate) {
    const auto& matrix = column.config.kind == FeatureKind::Dot              ? views.affinity
                         : column.config.kind == FeatureKind::RetrieverScore ? views.score
                                                                             : views.rank;
    const std::size_t at = candidate * views.retrievers + column.retriever;
    return at < matrix.size() ? matrix[at] : kMissing;
}

float age(TimeUs now, TimeUs since) { return since == data::kNoTime ? kMissing : static_cast<float>(static_cast<double>(now - since) / kSecondUs); }

// In a fixed order of additions, eight side by side.
float dot_product(std::span<const float> a, std::span<const float> b) {
    std::array<float, 8> lanes{};
    std::size_t i = 0;
    for (; i + lanes.size() <= a.size(); i += lanes.size()) {
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += a[i + lane] * b[i + lane];
    }
    float sum = 0;
    for (const float lane : lanes) sum += lane;
    for (; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

// One request on its way through the columns of a plan.
class Computation {
public:
    Computation(const FeatureExecutor& executor, const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users,
                const FeatureMoment& moment) noexcept
        : executor_(executor),
          plan_(plan),
          items_(items),
          users_(users),
          moment_(moment),
          // Never before the user's last event, nor shared counts before their tick: time only goes on.
          own_(reading_moment(plan.half_lives(), second_of(std::max(moment.request.time, moment.user.last_time())))),
          shared_(reading_moment(plan.half_lives(), second_of(moment.shared.tick_time()))),
          global_(moment.shared.block(plan, kGlobalTable, 0, kNoRow)) {
        if (!plan.user_windows().empty()) windows_.emplace(plan, items, moment.user, own_.second);
    }

    // The value of a column for every candidate.
    void fill(std::size_t c, std::span<const ItemRow> candidates, std::size_t stride, float* out) const noexcept {
        const FeatureColumn& column = plan_.columns()[c];
        if (column.config.kind == FeatureKind::Cosine) return cosines(column, candidates, stride, out);
        if (!column.of_item) {
            const float value = request_value(column);
            for (std::size_t i = 0; i < candidates.size(); ++i) out[i * stride] = value;
        } else if (column.config.kind == FeatureKind::Attribute || column.config.kind == FeatureKind::Age) {
            for (std::size_t i = 0; i < candidates.size(); ++i) out[i * stride] = item_value(column, candidates[i]);
        } else if (column.in_user_window) {
            for (std::size_t i = 0; i < candidates.size(); ++i) out[i * stride] = windowed(column, candidates[i]);
        }
    }

    // All columns that read a table's block for each candidate: it is looked up once for all of them.
    void fill_from_table(std::size_t table, std::span<const ItemRow> candidates, std::size_t stride, float* out) const noexcept {
        const auto readers = plan_.readers(table);
        std::array<BlockView, kTogether> blocks;
        for (std::size_t begin = 0; begin < candidates.size() && !readers.empty(); begin += kTogether) {
            const auto some = candidates.subspan(begin, std::min(kTogether, candidates.size() - begin));
            for (std::size_t i = 0; i < some.size(); ++i) blocks[i] = executor_.block(table, moment_, some[i]);
            for (const std::size_t c : readers) {
                fill_state(plan_.columns()[c], std::span(blocks).first(some.size()), stride, out + begin * stride + c);
            }
        }
    }

private:
    // A column of state for candidates whose blocks were found.
    void fill_state(const FeatureColumn& column, std::span<const BlockView> blocks, std::size_t stride, float* out) const noexcept {
        const StateTable& table = plan_.tables()[column.table];
        const double base = column.config.kind == FeatureKind::Rate ? global_rate(column) : 0.0;
        for (std::size_t i = 0; i < blocks.size(); ++i) out[i * stride] = state_value(column, table, blocks[i], base);
    }

    [[nodiscard]] float request_value(const FeatureColumn& column) const noexcept {
        const FeatureRequest& request = moment_.request;
        switch (column.config.kind) {
            case FeatureKind::Attribute: return request_attribute(column);
            case FeatureKind::Age:
                return request.user == kNoRow ? kMissing : age(request.time, users_.attributes[column.attribute].times[request.user]);
            case FeatureKind::Clock: return column.config.unit == ClockUnit::Hour ? hour(request.time) : weekday(request.time);
            case FeatureKind::Sequence: return sequence_value(column);
            default: break;
        }
        if (column.in_user_window) return windowed(column, kNoRow);
        const StateTable& table = plan_.tables()[column.table];
        const double base = column.config.kind == FeatureKind::Rate ? global_rate(column) : 0.0;
        return state_value(column, table, executor_.block(column.table, moment_, kNoRow), base);
    }

    [[nodiscard]] float request_attribute(const FeatureColumn& column) const noexcept {
        const FeatureRequest& request = moment_.request;
        if (column.config.of == "context") {
            // Values that came after the model are unknown to it, or hashed: the request carries codes alone.
            if (column.attribute >= request.context.size()) return 0.0F;
            const std::uint32_t code = request.context[column.attribute];
            return code < column.code_map.size() ? static_cast<float>(column.code_map[code]) : 0.0F;
        }
        if (request.user == kNoRow) return column.categorical ? 0.0F : kMissing;
        return attribute_value(column, users_.attributes[column.attribute], request.user);
    }

    [[nodiscard]] static float attribute_value(const FeatureColumn& column, const data::Attribute& attribute, std::uint32_t row) noexcept {
        return column.categorical ? code_value(column, attribute.values, attribute.codes[row]) : attribute.numbers[row];
    }

    [[nodiscard]] float item_value(const FeatureColumn& column, ItemRow item) const noexcept {
        const auto& attribute = items_.attributes[column.attribute];
        return column.config.kind == FeatureKind::Age ? age(moment_.request.time, attribute.times[item]) : attribute_value(column, attribute, item);
    }

    // Visits the user's last `most` items of a signal, the newest first.
    template <class Visit>
    void for_last_items(std::size_t signal_bit, std::size_t most, const Visit& visit) const noexcept {
        const auto history = moment_.user.history();
        std::size_t found = 0;
        for (std::size_t back = 1; back <= history.size() && found < most; ++back) {
            const HistoryEntry& entry = history[history.size() - back];
            if ((entry.signals >> signal_bit & 1U) != 0) visit(found++, entry);
        }
    }

    [[nodiscard]] float sequence_value(const FeatureColumn& column) const noexcept {
        float value = column.categorical ? 0.0F : kMissing;
        for_last_items(column.signal_bit, column.back + 1, [&](std::size_t back, const HistoryEntry& entry) {
            if (back != column.back) return;
            switch (column.config.part) {
                case SequencePart::Item: value = static_cast<float>(bucket_of(items_.ids[entry.item], column.config.buckets)); break;
                case SequencePart::Attribute: value = attribute_value(column, items_.attributes[column.attribute], entry.item); break;
                case SequencePart::Signal:
                    value = static_cast<float>(std::countr_zero(entry.signals & ~(SignalMask{1} << kImpressionBit)) % 32 + 1);
                    break;
                case SequencePart::Age: value = age(moment_.request.time, entry.time); break;
            }
        });
        return value;
    }

    void cosines(const FeatureColumn& column, std::span<const ItemRow> candidates, std::size_t stride, float* out) const noexcept {
        const auto& attribute = items_.attributes[column.attribute];
        const auto vector_of = [&](ItemRow item) { return std::span(attribute.numbers).subspan(item * attribute.width, attribute.width); };
        std::array<float, kCosineWidthMax> sums{};
        const auto taste = std::span(sums).first(attribute.width);
        for_last_items(column.signal_bit, column.config.last, [&](std::size_t, const HistoryEntry& entry) {
            const auto vector = vector_of(entry.item);
            const float length = std::sqrt(dot_product(vector, vector));
            if (!(length > 0.0F)) return;  // missing, or without direction
            for (std::size_t d = 0; d < taste.size(); ++d) taste[d] += vector[d] / length;
        });
        const float length = std::sqrt(dot_product(taste, taste));
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const auto vector = vector_of(candidates[i]);
            const float lengths = length * std::sqrt(dot_product(vector, vector));
            out[i * stride] = lengths > 0.0F ? dot_product(taste, vector) / lengths : kMissing;
        }
    }

    // One imagined event in two keeps the global rate defined before anything was seen.
    [[nodiscard]] double global_rate(const FeatureColumn& column) const noexcept {
        const StateTable& whole = plan_.tables()[kGlobalTable];
        const auto count = [&](std::size_t slot) { return global_.count(whole, plan_.half_lives(), slot, shared_); };
        return (count(column.global_slot) + 1.0) / (count(column.global_per_slot) + 2.0);
    }

    [[nodiscard]] static float rate(const FeatureColumn& column, double events, double per, double base) noexcept {
        const double prior = column.config.prior;
        return per + prior > 0.0 ? static_cast<float>((events + prior * base) / (per + prior)) : kMissing;
    }

    [[nodiscard]] float windowed(const FeatureColumn& column, ItemRow item) const noexcept {
        const double events = windows_->count(column.slot, item);
        if (column.config.kind == FeatureKind::Count) return static_cast<float>(events);
        return rate(column, events, windows_->count(column.per_slot, item), global_rate(column));
    }

    [[nodiscard]] float state_value(const FeatureColumn& column, const StateTable& table, const BlockView& block, double base) const noexcept {
        // Shared counts are read at the last tick, the user's own at the request.
        const DecayMoment& at = table.owner.is_shared() ? shared_ : own_;
        if (column.config.kind == FeatureKind::Recency) {
            const std::uint32_t last = block.last(table, column.slot);
            return last == 0 ? kMissing : static_cast<float>(std::int64_t{own_.second} - last);
        }
        if (column.config.kind == FeatureKind::Distinct) return static_cast<float>(block.distinct(table, column.slot));
        const double events = block.count(table, plan_.half_lives(), column.slot, at);
        if (column.config.kind == FeatureKind::Count) return static_cast<float>(events);
        return rate(column, events, block.count(table, plan_.half_lives(), column.per_slot, at), base);
    }

    const FeatureExecutor& executor_;
    const FeaturePlan& plan_;
    const data::EntityTable& items_;
    const data::EntityTable& users_;
    const FeatureMoment& moment_;
    DecayMoment own_;
    DecayMoment shared_;
    BlockView global_;
    std::optional<WindowCounts> windows_;
};

bool reads_retriever(FeatureKind kind) { return kind >= FeatureKind::Dot; }

}  // namespace

void FeatureExecutor::compute(const FeatureMoment& moment, std::span<const ItemRow> candidates, const RetrieverViews& retrievers,
                              std::span<float> out) const noexcept {
    const auto& columns = plan_->columns();
    const Computation computation(*this, *plan_, *items_, *users_, moment);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (reads_retriever(columns[c].config.kind)) {
            for (std::size_t i = 0; i < candidates.size(); ++i) out[i * columns.size() + c] = retriever_value(columns[c], retrievers, i);
        } else if (!columns[c].reads_block()) {
            computation.fill(c, candidates, columns.size(), out.data() + c);
        }
    }
    for (std::size_t t = 0; t < plan_->tables().size(); ++t) computation.fill_from_table(t, candidates, columns.size(), out.data());
}

BlockView FeatureExecutor::block(std::size_t t, const FeatureMoment& moment, ItemRow item) const noexcept {
    const StateTable& table = plan_->tables()[t];
    const CodeInputs inputs{*items_, *users_, item, moment.request.user, moment.request.context};
    const std::uint32_t code = code_from(plan_->sources()[table.key.code], inputs);
    if (!table.owner.is_shared()) return moment.user.block(*plan_, t, code);
    return moment.shared.block(*plan_, t, code_from(plan_->sources()[table.key.row], inputs), code);
}

}  // namespace shortlist::features
