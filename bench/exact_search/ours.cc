// The engine's side of exact_search: searches every query of a data file, one thread, and prints the latencies.
//     bench_exact_search DATA RESULT
// DATA    uint64 rows, dimension, queries, k; then rows x dimension and queries x dimension float32
// RESULT  written: queries x k uint32, the rows found, best first
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <vector>

#include "engine/base/clock.h"
#include "engine/index/exact_index.h"
#include "engine/kernels/aligned.h"

namespace {

using namespace shortlist;

struct Workload {
    std::uint64_t rows = 0;
    std::uint64_t dimension = 0;
    std::uint64_t queries = 0;
    std::uint64_t k = 0;
    kernels::AlignedVector<float> matrix;
    std::vector<float> query;
};

template <class T>
void read_into(std::ifstream& in, T* to, std::size_t count) {
    in.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(count * sizeof(T)));
}

bool read_workload(const char* path, Workload& out) {
    std::ifstream in(path, std::ios::binary);
    read_into(in, &out.rows, 1);
    read_into(in, &out.dimension, 1);
    read_into(in, &out.queries, 1);
    read_into(in, &out.k, 1);
    if (!in) return false;
    out.matrix.resize(out.rows * out.dimension);
    out.query.resize(out.queries * out.dimension);
    read_into(in, out.matrix.data(), out.matrix.size());
    read_into(in, out.query.data(), out.query.size());
    return static_cast<bool>(in);
}

}  // namespace

int main(int argc, char** argv) {
    Workload work;
    if (argc != 3 || !read_workload(argv[1], work)) {
        std::fprintf(stderr, "usage: bench_exact_search DATA RESULT\n");
        return 2;
    }
    const auto index = index::ExactIndex::build(work.matrix, work.dimension).value();
    index::SearchScratch scratch;
    std::vector<index::Scored> found(work.k);
    std::ofstream result(argv[2], std::ios::binary);
    std::printf("[");
    for (std::uint64_t q = 0; q < work.queries; ++q) {
        const auto query = std::span(work.query).subspan(q * work.dimension, work.dimension);
        const double start = base::monotonic_seconds();
        index.search(query, work.k, {}, scratch, found);
        std::printf("%s%.6f", q == 0 ? "" : ",", 1e3 * (base::monotonic_seconds() - start));
        for (const auto& row : found) result.write(reinterpret_cast<const char*>(&row.row), sizeof(row.row));
    }
    std::printf("]\n");
    return 0;
}
