// The engine's side of ials: trains on a data file with one thread and prints seconds an epoch, and the loss where asked.
//     bench_ials DATA EPOCHS DIMENSION UNOBSERVED_WEIGHT REGULARIZATION [loss]
// DATA  uint64 users, items, pairs; users + 1 uint64 offsets; pairs uint32 items, ascending for each user
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "engine/base/clock.h"
#include "engine/training/ials.h"

namespace {

template <class T>
void read_into(std::ifstream& in, T* to, std::size_t count) {
    in.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(count * sizeof(T)));
}

bool read_interactions(const char* path, shortlist::data::Interactions& out) {
    std::ifstream in(path, std::ios::binary);
    std::uint64_t sizes[3] = {};
    read_into(in, sizes, 3);
    if (!in) return false;
    out.users = sizes[0];
    out.item_count = sizes[1];
    out.offsets.resize(sizes[0] + 1);
    out.items.resize(sizes[2]);
    out.weights.assign(sizes[2], 1.0F);
    read_into(in, out.offsets.data(), out.offsets.size());
    read_into(in, out.items.data(), out.items.size());
    return static_cast<bool>(in);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace shortlist;
    data::Interactions interactions;
    if (argc < 6 || !read_interactions(argv[1], interactions)) {
        std::fprintf(stderr, "usage: bench_ials DATA EPOCHS DIMENSION UNOBSERVED_WEIGHT REGULARIZATION [loss]\n");
        return 2;
    }
    training::IalsConfig config;
    config.epochs = std::strtoul(argv[2], nullptr, 10);
    config.embedding_size = std::strtoul(argv[3], nullptr, 10);
    config.unobserved_weight = std::strtod(argv[4], nullptr);
    config.regularization = std::strtod(argv[5], nullptr);
    config.frequency_exponent = 0;
    ThreadPool pool(1);
    double last_loss = 0;
    training::IalsProgress progress;
    if (argc > 6) progress = [&](std::size_t, double loss) { last_loss = loss; };
    const double start = base::monotonic_seconds();
    const auto model = training::train_ials(interactions, config, pool, progress);
    const double seconds = base::monotonic_seconds() - start;
    if (!model) {
        std::fprintf(stderr, "%s\n", model.error().message.c_str());
        return 1;
    }
    std::printf("{\"seconds\": %.6f, \"loss\": %.9g}\n", seconds / static_cast<double>(config.epochs), last_loss);
    return 0;
}
