#include "engine/pipeline/log_state.h"

#include <algorithm>
#include <utility>

#include "engine/data/state_file.h"
#include "engine/features/portable_state.h"

namespace shortlist::pipeline {

namespace {

data::EventTable without_events(data::EventTable& events) {
    data::EventTable context;
    context.context_names = std::move(events.context_names);
    context.context_values = std::move(events.context_values);
    return context;
}

void write_context(const data::EventTable& context, base::ByteWriter& out) {
    out.put(std::uint64_t{context.context_names.size()});
    for (std::size_t field = 0; field < context.context_names.size(); ++field) {
        out.put_text(context.context_names[field]);
        data::write_dictionary(context.context_values[field], out);
    }
}

data::EventTable read_context(base::ByteReader& in) {
    data::EventTable context;
    constexpr std::size_t kLeastBytes = 12;  // of a field: the length of its name, and a count
    const std::size_t fields = in.take_count(kLeastBytes);
    for (std::size_t field = 0; field < fields && in.ok(); ++field) {
        context.context_names.push_back(in.take_text());
        context.context_values.push_back(data::read_dictionary(in));
    }
    return context;
}

}  // namespace

LogState::LogState(std::shared_ptr<const ServingModels> models, data::Dataset data, const features::UserBound& bound)
    : models_(std::move(models)),
      catalogue_(data::take_first_catalogue(data)),
      fold_(models_->plan(), catalogue_.items, catalogue_.users, models_->tick(), bound),
      events_(data.events.size()) {
    const auto masks = features::fold_masks(data.events, models_->signals());
    std::span<const data::Change> changes = data.changes;
    features::FoldEvents events(models_->plan(), data.events, masks);
    const auto take_changes_before = [&](std::size_t event) {
        const std::span due = features::changes_before(changes, event);
        if (!due.empty()) features::take_changes(due, catalogue_, fold_);
        changes = changes.subspan(due.size());
    };
    for (std::size_t i = 0; i < data.events.size(); ++i) {
        take_changes_before(i);
        fold_.prefetch(data.events, i);
        fold_.apply(events[i]);
        newest_event_ = std::max(newest_event_, data.events.time[i]);
    }
    take_changes_before(data.events.size());
    context_ = without_events(data.events);
}

void LogState::take(const data::Record& record) {
    if (std::holds_alternative<data::ServedList>(record)) return;
    const auto* event = std::get_if<data::Event>(&record);
    if (event == nullptr) {
        const data::Change change{0, record};
        return features::take_changes({&change, 1}, catalogue_, fold_);
    }
    fold_.apply(look_up(*event));
    newest_event_ = std::max(newest_event_, event->time);
    ++events_;
}

// What it names is known from then on.
features::FoldEvent LogState::look_up(const data::Event& event) {
    const UserRow user = catalogue_.users.add(event.user);
    const ItemRow item = catalogue_.items.add(event.item);
    context_codes_.clear();
    for (std::size_t field = 0; field < context_.context_names.size(); ++field) {
        context_codes_.push_back(data::add_context_value(event, field, context_));
    }
    return {event.time, user, item, features::fold_mask(models_->signals(), event.type, event.value), context_codes_};
}

void LogState::take_again(const data::Event& event) { fold_.apply_to_user(look_up(event)); }

Result<std::string> LogState::portable_user(const std::string& user) const {
    features::UserState room;
    SHORTLIST_ASSIGN(const auto* state, fold_.find_user(catalogue_.users.ids.find(user), room));
    return features::write_portable(*state, models_->plan(), catalogue_.items);
}

Status LogState::set_user(const std::string& user, std::string_view bytes) {
    SHORTLIST_ASSIGN(auto state, features::read_portable(bytes, models_->plan(), catalogue_.items));
    fold_.set_user(catalogue_.users.add(user), std::move(state));
    return {};
}

std::string LogState::user_layout() const { return features::user_layout(models_->plan(), catalogue_.items, models_->signals()); }

void LogState::save(base::ByteWriter& out) const {
    data::write_table(catalogue_.items, out);
    data::write_table(catalogue_.users, out);
    write_context(context_, out);
    out.put(events_);
    out.put(newest_event_);
    fold_.save(out);
}

Result<std::unique_ptr<LogState>> LogState::restore(base::ByteReader& in, const LoadModels& load_models, const features::UserBound& bound) {
    const auto damaged = [] { return base::data_loss("not the state of these models"); };
    data::Dataset data;
    data.items = data::read_table(in);
    data.users = data::read_table(in);
    data.events = read_context(in);
    if (!in.ok()) return damaged();
    SHORTLIST_ASSIGN(auto models, load_models(data));
    auto state = std::make_unique<LogState>(std::move(models), std::move(data), bound);
    state->events_ = in.take<std::uint64_t>();
    state->newest_event_ = in.take<TimeUs>();
    state->fold_.load(in);
    if (!in.ok()) return damaged();
    return state;
}

std::string LogState::digest() const {
    return data::digest_of_state([this](base::ByteWriter& out) { save(out); });
}

}  // namespace shortlist::pipeline
