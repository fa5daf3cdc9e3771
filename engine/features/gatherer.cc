#include "engine/features/gatherer.h"

#include "engine/features/sketch.h"
#include "engine/features/state_block.h"

namespace shortlist::features {

Gatherer::Gatherer(const FeaturePlan& plan, const data::EntityTable& items, const data::EntityTable& users)
    : plan_(plan), items_(items), users_(users), pending_(plan), codes_(plan.sources().size(), kNoRow) {}

std::span<const std::uint32_t> Gatherer::look_up_codes(const FoldEvent& event) noexcept {
    const CodeInputs inputs{items_, users_, event.item, event.user, event.context};
    for (std::size_t s = 0; s < codes_.size(); ++s) codes_[s] = code_from(plan_.sources()[s], inputs);
    return codes_;
}

void Gatherer::gather(const FoldEvent& event, std::uint32_t second) {
    for (const std::size_t t : plan_.shared_tables()) {
        const StateTable& table = plan_.tables()[t];
        if ((table.signals & event.signals) == 0) continue;
        const auto pending = pending_.at(t, codes_[table.key.row], codes_[table.key.code]);
        gather_event(table, pending, event.signals, second);
        if (table.sketches.empty()) continue;
        mark_sketches(table, pending.subspan(table.counts.size() + table.recencies.size()), event.signals, sketch_mark(users_.ids[event.user]));
    }
}

}  // namespace shortlist::features
