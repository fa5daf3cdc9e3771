#include "engine/features/portable_state.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/base/byte_strings.h"
#include "engine/data/state_file.h"

namespace shortlist::features {

namespace {

// What a state names: items, then each attribute of theirs that users' own state is chosen by, once.
std::vector<CodeSource> named_sources(const FeaturePlan& plan) {
    std::vector<CodeSource> named{{CodeSource::From::Item, 0}};
    for (const std::size_t table : plan.user_tables()) {
        const CodeSource& source = plan.sources()[plan.tables()[table].key.code];
        if (source.from == CodeSource::From::ItemAttribute && std::ranges::find(named, source) == named.end()) named.push_back(source);
    }
    return named;
}

// The list that holds the names of a source's codes; null where they are no names.
template <class Lists>
auto list_of(const CodeSource& source, const std::vector<CodeSource>& named, Lists& lists) -> decltype(lists.data()) {
    const auto found = std::ranges::find(named, source);
    return found == named.end() ? nullptr : &lists[static_cast<std::size_t>(found - named.begin())];
}

// Codes of one dictionary in the order in which a state names them.
class NameList {
public:
    [[nodiscard]] std::uint32_t place_of(std::uint32_t code) {
        const auto [at, added] = places_.try_emplace(code, static_cast<std::uint32_t>(codes_.size()));
        if (added) codes_.push_back(code);
        return at->second;
    }
    void save(const data::Dictionary& names, base::ByteWriter& out) const {
        out.put(std::uint64_t{codes_.size()});
        for (const std::uint32_t code : codes_) out.put_text(names[code]);
    }

private:
    std::vector<std::uint32_t> codes_;
    std::unordered_map<std::uint32_t, std::uint32_t> places_;
};

// Each name once: two codes of one name would become one.
std::vector<std::string> read_names(base::ByteReader& in) {
    constexpr std::size_t kLeastBytes = 4;  // of a text: its length
    std::vector<std::string> names(in.take_count(kLeastBytes));
    std::unordered_set<std::string_view> seen;
    for (auto& name : names) {
        name = in.take_text();
        if (!seen.insert(name).second) in.fail();
    }
    return names;
}

void add_number(std::string& layout, std::uint64_t value) { layout += ' ' + std::to_string(value); }

void add_table(std::string& layout, const FeaturePlan& plan, const data::EntityTable& items, const StateTable& table) {
    const CodeSource& source = plan.sources()[table.key.code];
    layout += '\n' + (source.from == CodeSource::From::ItemAttribute ? items.attributes[source.index].name : std::string());
    add_number(layout, static_cast<std::uint64_t>(source.from));
    add_number(layout, table.is_bounded() ? 1 : 0);
    for (const auto& count : table.counts) {
        add_number(layout, count.signal_bit);
        add_number(layout, count.fades() ? plan.half_lives().seconds(count.half_life) : 0);
        add_number(layout, count.window);
    }
    for (const auto* bits : {&table.recencies, &table.sketches}) {
        layout += ',';
        for (const std::size_t bit : *bits) add_number(layout, bit);
    }
}

}  // namespace

std::string write_portable(const UserState& state, const FeaturePlan& plan, const data::EntityTable& items) {
    const auto named = named_sources(plan);
    std::vector<NameList> lists(named.size());
    UserState renamed = state;
    renamed.rename(plan, [&](const CodeSource& source, std::uint32_t code) {
        auto* list = list_of(source, named, lists);
        return list == nullptr ? code : list->place_of(code);
    });
    return base::bytes_written([&](base::ByteWriter& out) {
        for (std::size_t n = 0; n < named.size(); ++n) {
            lists[n].save(named[n].from == CodeSource::From::Item ? items.ids : items.attributes[named[n].index].values, out);
        }
        renamed.save(out);
    });
}

Result<UserState> read_portable(std::string_view bytes, const FeaturePlan& plan, data::EntityTable& items) {
    const auto named = named_sources(plan);
    base::StringReader in(bytes);
    std::vector<std::vector<std::string>> lists;
    for (std::size_t n = 0; n < named.size(); ++n) lists.push_back(read_names(in));
    UserState state = UserState::load(plan, lists.front().size(), in);
    // Nothing is added before all is known to be sound.
    state.rename(plan, [&](const CodeSource& source, std::uint32_t code) {
        if (const auto* list = list_of(source, named, lists); list != nullptr && code >= list->size()) in.fail();
        return code;
    });
    if (!in.ok() || in.left() != 0) return base::data_loss("the bytes are no state of a user with these features");
    state.rename(plan, [&](const CodeSource& source, std::uint32_t code) {
        const auto* list = list_of(source, named, lists);
        if (list == nullptr) return code;
        const auto& name = (*list)[code];
        return source.from == CodeSource::From::Item ? items.add(name) : items.attributes[source.index].values.add(name);
    });
    return state;
}

std::string user_layout(const FeaturePlan& plan, const data::EntityTable& items, const data::SignalSet& signals) {
    std::string layout;
    for (const auto& signal : signals.signals()) layout += signal.name + '\n';
    add_number(layout, plan.recent_seconds());
    add_number(layout, plan.recent_signals());
    for (const std::size_t t : plan.user_tables()) add_table(layout, plan, items, plan.tables()[t]);
    return data::digest_of_state([&](base::ByteWriter& out) { out.put_text(layout); });
}

}  // namespace shortlist::features
