/// How the quality of models is shown: a table for people, a document for machines.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>

#include "engine/training/evaluate.h"
#include "engine/training/train.h"

namespace shortlist::cli {

[[nodiscard]] std::string quality_text(const training::EvaluationReport& report);
[[nodiscard]] boost::json::object quality_json(const training::EvaluationReport& report);
[[nodiscard]] std::string training_text(const training::TrainingReport& report);
[[nodiscard]] boost::json::object training_json(const training::TrainingReport& report);

/// {"step": seconds, ...} with "total" first.
[[nodiscard]] boost::json::object seconds_json(const std::vector<std::pair<std::string, double>>& seconds, double total);

}  // namespace shortlist::cli
