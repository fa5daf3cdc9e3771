/// Batches of columns in the form that other libraries and languages take without a copy: Arrow's C data interface. Needs no Arrow library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/arrow_c_data.h"
#include "engine/data/column_batch.h"

namespace shortlist::data {

/// Lists of numbers end to end, of memory that somebody else owns: list i is values[offsets[i], offsets[i + 1]).
template <class Number>
struct ListColumn {
    std::span<const std::int64_t> offsets;
    std::span<const Number> values;

    [[nodiscard]] std::size_t size() const noexcept { return offsets.empty() ? 0 : offsets.size() - 1; }
    [[nodiscard]] std::span<const Number> operator[](std::size_t i) const noexcept {
        return values.subspan(static_cast<std::size_t>(offsets[i]), static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
    }
};

/// A batch that is released when it goes: the two structs of the interface, a struct array with a child a column. Whoever moves the structs out sets
/// their `release` to null, as the specification says.
class ArrowBatch {
public:
    ArrowBatch() = default;
    ArrowBatch(ArrowBatch&& other) noexcept;
    ArrowBatch& operator=(ArrowBatch&& other) noexcept;
    ArrowBatch(const ArrowBatch&) = delete;
    ArrowBatch& operator=(const ArrowBatch&) = delete;
    ~ArrowBatch();

    ArrowArray array{};
    ArrowSchema schema{};

    [[nodiscard]] std::size_t rows() const noexcept { return static_cast<std::size_t>(array.length); }
    /// A column of 32- or 64-bit numbers (int64, uint32, uint64 or float; times in microseconds are int64), without a missing one.
    /// Errors: InvalidArgument naming the column, what it is and what it must be. What they give holds as long as the batch.
    template <class Number>
    [[nodiscard]] Result<std::span<const Number>> numbers(std::string_view name) const;
    /// A column of lists (large_list) of uint32 or uint64. Errors: the same, and offsets that do not ascend.
    template <class Number>
    [[nodiscard]] Result<ListColumn<Number>> lists(std::string_view name) const;

private:
    void release() noexcept;
};

/// Takes columns, and gives them as a batch that owns them.
class ArrowBatchBuilder {
public:
    ArrowBatchBuilder();
    ~ArrowBatchBuilder();
    ArrowBatchBuilder(const ArrowBatchBuilder&) = delete;
    ArrowBatchBuilder& operator=(const ArrowBatchBuilder&) = delete;

    /// Numbers as in ArrowBatch::numbers().
    template <class Number>
    ArrowBatchBuilder& add(std::string name, std::vector<Number> values);
    /// Lists as in ArrowBatch::lists(); offsets: one more than there are lists.
    template <class Number>
    ArrowBatchBuilder& add_lists(std::string name, std::vector<std::int64_t> offsets, std::vector<Number> values);
    /// One of our columns; see to_arrow().
    Status add(data::Column column);
    /// Requires as many values in each column. Once.
    [[nodiscard]] ArrowBatch finish();

    struct Column;

private:
    std::vector<std::unique_ptr<Column>> columns_;
};

/// Our columns as a batch, and back (a copy). Whole and real numbers of 32 bits, times and texts pass, each without a missing value.
/// Errors: InvalidArgument naming the column.
[[nodiscard]] Result<ArrowBatch> to_arrow(ColumnBatch&& columns);
[[nodiscard]] Result<ColumnBatch> from_arrow(const ArrowBatch& batch);

}  // namespace shortlist::data
