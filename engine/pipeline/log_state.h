/// What a log says up to one of its records, to the models that serve: the catalogue, and the state of their features. Live, at a
/// restart and in another process the same records in the same order give the same bits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/byte_stream.h"
#include "engine/base/result.h"
#include "engine/data/dataset.h"
#include "engine/features/fold.h"
#include "engine/pipeline/serving_models.h"
#include "engine/pipeline/world.h"

namespace shortlist::pipeline {

/// One thread changes it while no other reads.
class LogState {
public:
    /// Folds all that the data set holds. `bound`: where users go past so much memory.
    LogState(std::shared_ptr<const ServingModels> models, data::Dataset data, const features::UserBound& bound = {});
    LogState(const LogState&) = delete;
    LogState& operator=(const LogState&) = delete;

    using LoadModels = std::function<Result<std::shared_ptr<const ServingModels>>(const data::Dataset& catalogue)>;
    /// What save() wrote; the models are loaded between the catalogue, which they are bound to, and the state of their features.
    /// Errors: those of `load_models`, DataLoss where the bytes are of no state of these models.
    [[nodiscard]] static Result<std::unique_ptr<LogState>> restore(base::ByteReader& in, const LoadModels& load_models,
                                                                   const features::UserBound& bound = {});
    void save(base::ByteWriter& out) const;
    /// Equal for equal state, whatever process made it: 32 hex digits. Cost: reads all of it.
    [[nodiscard]] std::string digest() const;

    /// The next record of the log; a served list changes nothing.
    void take(const data::Record& record);
    /// Counts an event that was taken before once more for its user alone, behind set_user().
    void take_again(const data::Event& event);

    /// A user's state as other processes with these features read it, and such a one put in the place of the user's own; an unknown user is
    /// added, and so are items. Errors: DataLoss, where the bytes are no such state, and those of the store that users are bounded by.
    [[nodiscard]] Result<std::string> portable_user(const std::string& user) const;
    [[nodiscard]] Status set_user(const std::string& user, std::string_view bytes);
    /// Equal where such states can be exchanged.
    [[nodiscard]] std::string user_layout() const;

    /// What requests may read from now on.
    [[nodiscard]] std::shared_ptr<const World> publish() { return std::make_shared<World>(models_, fold_.publish_shared(), catalogue_.items.size()); }

    [[nodiscard]] const ServingModels& models() const noexcept { return *models_; }
    [[nodiscard]] const data::EntityTable& items() const noexcept { return catalogue_.items; }
    [[nodiscard]] const data::EntityTable& users() const noexcept { return catalogue_.users; }
    /// The names and values of the fields of context, and no events.
    [[nodiscard]] const data::EventTable& context() const noexcept { return context_; }
    [[nodiscard]] const features::Fold& fold() const noexcept { return fold_; }
    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
    /// Time of the newest event; 0 before the first.
    [[nodiscard]] TimeUs newest_event() const noexcept { return newest_event_; }

private:
    [[nodiscard]] features::FoldEvent look_up(const data::Event& event);

    std::shared_ptr<const ServingModels> models_;
    data::Catalogue catalogue_;
    data::EventTable context_;
    std::vector<std::uint32_t> context_codes_;  // of the record that is being taken
    features::Fold fold_;
    std::uint64_t events_ = 0;
    TimeUs newest_event_ = 0;
};

}  // namespace shortlist::pipeline
