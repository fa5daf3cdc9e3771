// How fast the fold eats a project's events, on one thread: with the features of the bundle in force, from a log that is in memory.
//     bench_fold PROJECT_FOLDER [ROUNDS]
// Prints one JSON object: events, features, events_per_second (the median round), slowest, fastest, and the digest of the state, the same each round.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/data/log.h"
#include "engine/data/state_file.h"
#include "engine/pipeline/serving_models.h"

namespace {

using namespace shortlist;

std::string digest_of(const features::Fold& fold) {
    return data::digest_of_state([&fold](base::ByteWriter& out) { fold.save(out); });
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2 || count > 3) {
        std::fprintf(stderr, "usage: bench_fold PROJECT_FOLDER [ROUNDS]\n");
        return 2;
    }
    const std::filesystem::path folder = arguments[1];
    const int rounds = count == 3 ? std::atoi(arguments[2]) : 5;
    const auto dataset = data::load_dataset(folder).value();
    const auto bundle = data::open_current_bundle(folder / "bundles").value();
    const auto models = pipeline::ServingModels::load(bundle, "", dataset).value();
    const std::size_t events = dataset.events.size();
    std::vector<double> rates;
    std::string digest;
    for (int round = 0; round < rounds; ++round) {
        features::Fold fold(models->plan(), dataset.items, dataset.users, models->tick());
        const double start = base::monotonic_seconds();
        const auto masks = features::fold_masks(dataset.events, models->signals());
        features::FoldEvents folded(models->plan(), dataset.events, masks);
        for (std::size_t i = 0; i < events; ++i) {
            fold.prefetch(dataset.events, i);
            fold.apply(folded[i]);
        }
        rates.push_back(static_cast<double>(events) / (base::monotonic_seconds() - start));
        const auto found = digest_of(fold);
        if (round > 0 && found != digest) {
            std::fprintf(stderr, "two folds of one log differ: %s and %s\n", digest.c_str(), found.c_str());
            return 1;
        }
        digest = found;
    }
    std::ranges::sort(rates);
    std::printf(R"({"events": %zu, "features": %zu, "events_per_second": %.0f, "slowest": %.0f, "fastest": %.0f, "digest": "%s"})"
                "\n",
                events, models->plan().columns().size(), rates[rates.size() / 2], rates.front(), rates.back(), digest.c_str());
    return 0;
}
