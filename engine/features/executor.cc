#include "engine/features/executor.h"

#include "engine/features/state_block.h"

namespace shortlist::features {

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// 1970-01-01 was a Thursday; Monday is 0.
float weekday(TimeUs time) { return static_cast<float>(((time / kDayUs) % 7 + 7 + 3) % 7); }
float hour(TimeUs time) { return static_cast<float>((time % kDayUs + kDayUs) % kDayUs) / static_cast<float>(kHourUs); }

float code_value(const FeatureColumn& column, std::uint32_t code) {
    return code < column.code_map.size() ? static_cast<float>(column.code_map[code]) : 0.0F;
}

float retriever_value(const FeatureColumn& column, const RetrieverViews& views, std::size_t candidate) {
    const auto& matrix = column.config.kind == FeatureKind::Dot              ? views.affinity
                         : column.config.kind == FeatureKind::RetrieverScore ? views.score
                                                                             : views.rank;
    const std::size_t at = candidate * views.retrievers + column.retriever;
    return at < matrix.size() ? matrix[at] : kMissing;
}

bool reads_retriever(FeatureKind kind) { return kind >= FeatureKind::Dot; }

}  // namespace

void FeatureExecutor::compute(const FeatureMoment& moment, std::span<const ItemRow> candidates, const RetrieverViews& retrievers,
                              std::span<float> out) const noexcept {
    const auto& columns = plan_->columns();
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const FeatureColumn& column = columns[c];
        if (reads_retriever(column.config.kind)) {
            for (std::size_t i = 0; i < candidates.size(); ++i) out[i * columns.size() + c] = retriever_value(column, retrievers, i);
        } else if (column.of_item) {
            for (std::size_t i = 0; i < candidates.size(); ++i) {
                out[i * columns.size() + c] = value_of(column, moment, candidates[i]);
            }
        } else {
            const float value = value_of(column, moment, kNoRow);
            for (std::size_t i = 0; i < candidates.size(); ++i) out[i * columns.size() + c] = value;
        }
    }
}

float FeatureExecutor::value_of(const FeatureColumn& column, const FeatureMoment& moment, ItemRow item) const noexcept {
    switch (column.config.kind) {
        case FeatureKind::Attribute: return attribute_value(column, moment.request, item);
        case FeatureKind::Age: {
            const std::uint32_t row = column.of_item ? item : moment.request.user;
            if (row == kNoRow) return kMissing;
            const TimeUs since = (column.of_item ? items_ : users_)->attributes[column.attribute].times[row];
            return since == data::kNoTime ? kMissing : static_cast<float>(static_cast<double>(moment.request.time - since) / kSecondUs);
        }
        case FeatureKind::Clock: return column.config.unit == ClockUnit::Hour ? hour(moment.request.time) : weekday(moment.request.time);
        default: return state_value(column, moment, item);
    }
}

float FeatureExecutor::attribute_value(const FeatureColumn& column, const FeatureRequest& request, ItemRow item) const noexcept {
    if (column.config.of == "context") {
        return column.attribute < request.context.size() ? code_value(column, request.context[column.attribute]) : 0.0F;
    }
    const std::uint32_t row = column.of_item ? item : request.user;
    if (row == kNoRow) return column.categorical ? 0.0F : kMissing;
    const auto& attribute = (column.of_item ? items_ : users_)->attributes[column.attribute];
    return column.categorical ? code_value(column, attribute.codes[row]) : attribute.numbers[row];
}

std::span<const double> FeatureExecutor::block_of(std::size_t table, const FeatureMoment& moment, ItemRow item) const noexcept {
    const StateTable& layout = plan_->tables()[table];
    switch (layout.owner) {
        case Owner::Global: return moment.shared.block(*plan_, table, 0, kNoRow);
        case Owner::Item: return moment.shared.block(*plan_, table, item, kNoRow);
        case Owner::ItemAttribute: return moment.shared.block(*plan_, table, items_->attributes[layout.attribute].codes[item], kNoRow);
        case Owner::ItemByUserAttribute: {
            const std::uint32_t code = moment.request.user == kNoRow ? 0 : users_->attributes[layout.attribute].codes[moment.request.user];
            return moment.shared.block(*plan_, table, item, code);
        }
        case Owner::User: return moment.user.block(*plan_, table, 0);
        case Owner::UserByItem: return moment.user.block(*plan_, table, item);
        case Owner::UserByItemAttribute: return moment.user.block(*plan_, table, items_->attributes[layout.attribute].codes[item]);
    }
    return {};
}

float FeatureExecutor::state_value(const FeatureColumn& column, const FeatureMoment& moment, ItemRow item) const noexcept {
    const StateTable& table = plan_->tables()[column.table];
    // Shared counts are read at the last tick, the user's own at the request.
    const auto now = static_cast<double>(is_shared(table.owner) ? moment.shared.tick_time() : moment.request.time);
    const auto block = block_of(column.table, moment, item);
    const auto count = [](const StateTable& layout, std::span<const double> of, std::size_t slot, double time) {
        return of.empty() ? 0.0 : decayed(of[layout.count_at(slot)], layout.counts[slot].decay, of[0], time);
    };
    if (column.config.kind == FeatureKind::Recency) {
        const double last = block.empty() ? 0.0 : block[table.recency_at(column.slot)];
        return last == 0.0 ? kMissing : static_cast<float>((static_cast<double>(moment.request.time) - last) / kSecondUs);
    }
    const double events = count(table, block, column.slot, now);
    if (column.config.kind == FeatureKind::Count) return static_cast<float>(events);
    const auto global = moment.shared.block(*plan_, kGlobalTable, 0, kNoRow);
    const auto tick = static_cast<double>(moment.shared.tick_time());
    const StateTable& whole = plan_->tables()[kGlobalTable];
    // One imagined event in two keeps the global rate defined before anything was seen.
    const double base = (count(whole, global, column.global_slot, tick) + 1.0) / (count(whole, global, column.global_per_slot, tick) + 2.0);
    const double per = count(table, block, column.per_slot, now);
    const double prior = column.config.prior;
    return per + prior > 0.0 ? static_cast<float>((events + prior * base) / (per + prior)) : kMissing;
}

}  // namespace shortlist::features
