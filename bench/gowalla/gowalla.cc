// Quality of iALS on the Gowalla split of LightGCN: Recall@20 and NDCG@20 over users, items of the training part excluded.
//     bench_gowalla FOLDER validation|test [name=value ...]
// FOLDER      holds train.txt and test.txt: a user, then their items, on each line
// validation  holds out a fifth of each user's items of train.txt, by hash, and never opens test.txt: options are chosen so
// name=value  options of IalsConfig: embedding_size, epochs, regularization, unobserved_weight, frequency_exponent; threads
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/index/flat_index.h"
#include "engine/training/ials.h"

namespace {

using namespace shortlist;
using Lists = std::vector<std::vector<ItemRow>>;

constexpr std::size_t kCut = 20;

Lists read_lists(const std::string& path) {
    Lists out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        std::istringstream numbers(line);
        std::size_t user = 0;
        if (!(numbers >> user)) continue;
        if (out.size() <= user) out.resize(user + 1);
        for (ItemRow item = 0; numbers >> item;) out[user].push_back(item);
    }
    return out;
}

/// Moves about a fifth of each list, but never all, to the held-out part.
Lists hold_out(Lists& train) {
    Lists held(train.size());
    for (std::size_t user = 0; user < train.size(); ++user) {
        std::vector<ItemRow> kept;
        for (const ItemRow item : train[user]) {
            const bool out = base::mix64(user * 1'000'003 + item) % 5 == 0 && kept.size() + 1 < train[user].size();
            (out ? held[user] : kept).push_back(item);
        }
        train[user] = std::move(kept);
    }
    return held;
}

data::Interactions interactions_of(Lists& lists, std::size_t items) {
    data::Interactions out;
    out.users = lists.size();
    out.item_count = items;
    for (auto& list : lists) {
        std::sort(list.begin(), list.end());
        out.items.insert(out.items.end(), list.begin(), list.end());
        out.offsets.push_back(out.items.size());
    }
    out.weights.assign(out.items.size(), 1.0F);
    return out;
}

struct Quality {
    double recall = 0;
    double ndcg = 0;
};

Quality judge(std::span<const index::Scored> served, std::span<const ItemRow> relevant) {
    double gain = 0;
    double ideal = 0;
    double hits = 0;
    for (std::size_t i = 0; i < served.size(); ++i) {
        const double discount = 1.0 / std::log2(static_cast<double>(i) + 2.0);
        if (i < relevant.size()) ideal += discount;
        if (std::find(relevant.begin(), relevant.end(), served[i].row) == relevant.end()) continue;
        gain += discount;
        hits += 1;
    }
    return {hits / static_cast<double>(relevant.size()), gain / ideal};
}

Quality evaluate(const models::Factorization& model, const data::Interactions& train, const Lists& relevant, ThreadPool& pool) {
    const auto index = index::FlatIndex::build(model.item_factors(), model.embedding_size()).value();
    std::vector<Quality> each(relevant.size());
    pool.parallel_for(relevant.size(), 64, [&](std::size_t begin, std::size_t end, std::size_t) {
        models::Factorization::Scratch scratch;
        index::SearchScratch search;
        std::vector<float> vector(model.embedding_size());
        std::vector<index::Scored> served(kCut);
        std::vector<std::uint64_t> eligible;
        for (std::size_t user = begin; user < end; ++user) {
            if (relevant[user].empty()) continue;
            const auto history = train.of(static_cast<UserRow>(user));
            eligible.assign((model.items() + 63) / 64, ~std::uint64_t{0});
            for (const ItemRow item : history) eligible[item / 64] &= ~(std::uint64_t{1} << (item % 64));
            model.fold_in(history, std::span(train.weights).subspan(train.offsets[user], history.size()), scratch, vector);
            const std::size_t count = index.search(vector, kCut, eligible, search, served);
            each[user] = judge(std::span(served).first(count), relevant[user]);
        }
    });
    Quality mean;
    double users = 0;
    for (std::size_t user = 0; user < relevant.size(); ++user) {
        if (relevant[user].empty()) continue;
        mean.recall += each[user].recall;
        mean.ndcg += each[user].ndcg;
        users += 1;
    }
    return {mean.recall / users, mean.ndcg / users};
}

/// Reads options such as epochs=4 by their names in describe().
struct OptionReader {
    std::string_view name;
    double value;
    bool known = false;

    template <class T, class Rule>
    void field(std::string_view field_name, T& member, const Rule&, std::string_view) {
        if (field_name != name) return;
        member = static_cast<T>(value);
        known = true;
    }
};

}  // namespace

int main(int argc, char** argv) {
    const std::string_view part = argc > 2 ? argv[2] : "";
    training::IalsConfig config;
    config.embedding_size = 256;
    double threads = 0;
    for (int i = 3; i < argc; ++i) {
        const std::string_view option = argv[i];
        const std::size_t equals = std::min(option.find('='), option.size());
        OptionReader reader{option.substr(0, equals), std::atof(argv[i] + std::min(equals + 1, option.size()))};
        config.describe(reader);
        reader.field("threads", threads, 0, "");
        if (reader.known) continue;
        std::fprintf(stderr, "unknown option: %s\n", argv[i]);
        return 2;
    }
    if (part != "validation" && part != "test") {
        std::fprintf(stderr, "usage: bench_gowalla FOLDER validation|test [name=value ...]\n");
        return 2;
    }
    const std::string folder = argv[1];
    Lists train = read_lists(folder + "/train.txt");
    Lists relevant = part == "test" ? read_lists(folder + "/test.txt") : hold_out(train);
    relevant.resize(train.size());
    ItemRow last = 0;
    for (const Lists* lists : {&train, &relevant}) {
        for (const auto& list : *lists) {
            for (const ItemRow item : list) last = std::max(last, item);
        }
    }
    const auto interactions = interactions_of(train, last + std::size_t{1});
    ThreadPool pool(static_cast<std::size_t>(threads));
    const double start = base::monotonic_seconds();
    const auto model = training::train_ials(interactions, config, pool);
    const double seconds = base::monotonic_seconds() - start;
    if (!model) {
        std::fprintf(stderr, "%s\n", model.error().message.c_str());
        return 1;
    }
    const Quality quality = evaluate(*model, interactions, relevant, pool);
    std::printf(
        "{\"recall_at_20\": %.5f, \"ndcg_at_20\": %.5f, \"train_seconds\": %.1f, \"embedding_size\": %zu, \"epochs\": %zu, "
        "\"unobserved_weight\": %g, \"regularization\": %g, \"frequency_exponent\": %g}\n",
        quality.recall, quality.ndcg, seconds, config.embedding_size, config.epochs, config.unobserved_weight, config.regularization,
        config.frequency_exponent);
    return 0;
}
