/// A project's log with what a replay of it needs: the job that every process of a replay does a share of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/pipeline/serving_models.h"
#include "engine/project/replay_project.h"
#include "engine/training/cut_log.h"

namespace shortlist::project {

/// The log as another process read it, though it may have grown since, and the bundle that was in force.
struct ReplayPin {
    std::uint64_t events = 0;
    std::uint64_t changes = 0;
    std::string bundle;
};

class ProjectReplay {
public:
    /// `pin`: of another process; nothing: the log and bundle of now. Errors: FailedPrecondition (no bundle, no events, no impressions), Unavailable
    /// (a log that lacks what the pin names).
    [[nodiscard]] static Result<std::unique_ptr<const ProjectReplay>> open(const Project& project, ReplayRows rows,
                                                                           const std::optional<ReplayPin>& pin = std::nullopt);
    ProjectReplay(const ProjectReplay&) = delete;
    ProjectReplay& operator=(const ProjectReplay&) = delete;
    ~ProjectReplay() = default;

    /// Any thread may run its steps.
    [[nodiscard]] const training::ReplayJob& job() const noexcept { return *job_; }
    [[nodiscard]] const ReplayPin& pin() const noexcept { return pin_; }
    [[nodiscard]] const std::vector<std::string>& left_out() const noexcept { return left_out_; }

private:
    ProjectReplay() = default;
    Status read_log(const Project& project, const std::optional<ReplayPin>& pin);
    Status prepare_ranker(const Project& project);
    Status prepare_impressions(const Project& project);

    ReplayPin pin_;
    data::Dataset data_;
    std::vector<std::string> left_out_;
    std::shared_ptr<const pipeline::ServingModels> models_;  // of the ranker's rows
    std::optional<training::CutLog> log_;
    training::LightGbmRankerConfig ranker_;
    features::FeaturePlan plan_;  // of impressions
    std::vector<data::SignalMask> masks_;
    std::vector<std::uint8_t> grades_;
    std::vector<std::uint8_t> happens_;
    std::optional<training::ReplayJob> job_;
};

}  // namespace shortlist::project
