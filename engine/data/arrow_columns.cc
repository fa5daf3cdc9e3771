#include "engine/data/arrow_columns.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace shortlist::data {

namespace {

constexpr std::string_view kTimeFormat = "tsu:UTC";
constexpr std::uint64_t kNothing = 0;  // where a buffer of no bytes begins

template <class Number>
constexpr const char* format_of() {
    if constexpr (std::is_same_v<Number, std::int64_t>) return "l";
    if constexpr (std::is_same_v<Number, std::uint64_t>) return "L";
    if constexpr (std::is_same_v<Number, std::uint32_t>) return "I";
    if constexpr (std::is_same_v<Number, float>) return "f";
}

// What an exported array or schema owns. `children` are released with it.
template <class Struct>
struct Held {
    std::string format, name;
    std::vector<std::shared_ptr<const void>> memory;
    std::vector<const void*> buffers;
    std::vector<std::unique_ptr<Struct>> children;
    std::vector<Struct*> pointers;

    static void release(Struct* exported) {
        auto* held = static_cast<Held*>(exported->private_data);
        for (auto& child : held->children) {
            if (child->release != nullptr) child->release(child.get());
        }
        delete held;
        exported->release = nullptr;
    }

    // Fills what arrays and schemas have in common.
    void export_to(Struct& out) && {
        auto held = std::make_unique<Held>(std::move(*this));
        for (const auto& child : held->children) held->pointers.push_back(child.get());
        out.n_children = static_cast<std::int64_t>(held->children.size());
        out.children = held->pointers.data();
        out.release = &release;
        if constexpr (std::is_same_v<Struct, ArrowArray>) {
            out.buffers = held->buffers.data();
            out.n_buffers = static_cast<std::int64_t>(held->buffers.size());
        } else {
            out.format = held->format.c_str();
            out.name = held->name.c_str();
        }
        out.private_data = held.release();
    }
};

template <class Values>
const void* begin_of(const Values& values) {
    return values.empty() ? static_cast<const void*>(&kNothing) : static_cast<const void*>(values.data());
}

Error wrong_type(std::string_view name, std::string_view found, std::string_view wanted) {
    return base::invalid_argument("column '" + base::printable(name) + "' has the Arrow format '" + base::printable(found) + "'; it must be '" +
                                  std::string(wanted) + "'");
}

// A column of a batch, and where its first row lies.
struct Child {
    const ArrowArray* array = nullptr;
    const ArrowSchema* schema = nullptr;
    std::int64_t offset = 0;
};

Result<Child> child_at(const ArrowBatch& batch, std::int64_t at) {
    const Child child{batch.array.children[at], batch.schema.children[at], batch.array.offset + batch.array.children[at]->offset};
    const bool whole = child.array->null_count == 0 || child.array->n_buffers == 0 || child.array->buffers[0] == nullptr;
    if (!whole) return base::invalid_argument("column '" + base::printable(child.schema->name) + "' has missing values; none may be missing");
    if (child.array->length < batch.array.offset + batch.array.length) {
        return base::invalid_argument("column '" + base::printable(child.schema->name) + "' is shorter than its batch");
    }
    return child;
}

Result<Child> find_child(const ArrowBatch& batch, std::string_view name) {
    const bool held = batch.array.release != nullptr && batch.schema.release != nullptr;
    const bool is_struct = held && std::string_view(batch.schema.format) == "+s" && batch.array.n_children == batch.schema.n_children;
    if (!is_struct) return base::invalid_argument("the Arrow batch is released, or no struct of columns");
    for (std::int64_t at = 0; at < batch.schema.n_children; ++at) {
        if (batch.schema.children[at]->name == name) return child_at(batch, at);
    }
    return base::invalid_argument("the Arrow batch has no column '" + base::printable(name) + "'");
}

template <class Number>
std::span<const Number> values_of(const ArrowArray& array, std::int64_t offset, std::size_t rows) {
    if (rows == 0) return {};
    return {static_cast<const Number*>(array.buffers[1]) + offset, rows};
}

Status check_offsets(std::string_view name, std::span<const std::int64_t> offsets, std::int64_t end) {
    if (offsets.empty() || (offsets.front() >= 0 && offsets.back() <= end && std::ranges::is_sorted(offsets))) return {};
    return base::invalid_argument("column '" + base::printable(name) + "' has lists or texts that do not lie in its values, one behind the other");
}

Result<ColumnValues> values_in(const Child& child, std::size_t rows, bool& time_us) {
    const std::string_view format = child.schema->format;
    time_us = format.starts_with("tsu:");
    const auto copy = [](auto values) {
        return std::vector<std::remove_const_t<typename decltype(values)::element_type>>(values.begin(), values.end());
    };
    if (format == "f") return ColumnValues(copy(values_of<float>(*child.array, child.offset, rows)));
    if (format == "l" || time_us) return ColumnValues(copy(values_of<std::int64_t>(*child.array, child.offset, rows)));
    if (format != "U") return wrong_type(child.schema->name, format, "f, l, tsu or U");
    StringColumn strings;
    if (rows == 0) return ColumnValues(std::move(strings));
    const auto offsets = values_of<std::int64_t>(*child.array, child.offset, rows + 1);
    SHORTLIST_TRY(check_offsets(child.schema->name, offsets, std::numeric_limits<std::int64_t>::max()));
    strings.bytes.assign(static_cast<const char*>(child.array->buffers[2]) + offsets.front(),
                         static_cast<std::size_t>(offsets.back() - offsets.front()));
    strings.offsets.clear();
    for (const std::int64_t offset : offsets) strings.offsets.push_back(static_cast<std::uint64_t>(offset - offsets.front()));
    return ColumnValues(std::move(strings));
}

}  // namespace

ArrowBatch::ArrowBatch(ArrowBatch&& other) noexcept : array(std::exchange(other.array, {})), schema(std::exchange(other.schema, {})) {}

ArrowBatch& ArrowBatch::operator=(ArrowBatch&& other) noexcept {
    if (this == &other) return *this;
    release();
    array = std::exchange(other.array, {});
    schema = std::exchange(other.schema, {});
    return *this;
}

ArrowBatch::~ArrowBatch() { release(); }

void ArrowBatch::release() noexcept {
    if (array.release != nullptr) array.release(&array);
    if (schema.release != nullptr) schema.release(&schema);
}

template <class Number>
Result<std::span<const Number>> ArrowBatch::numbers(std::string_view name) const {
    SHORTLIST_ASSIGN(const Child child, find_child(*this, name));
    const std::string_view found = child.schema->format;
    const bool is_time = std::is_same_v<Number, std::int64_t> && found.starts_with("tsu:");
    if (found != format_of<Number>() && !is_time) return wrong_type(name, found, format_of<Number>());
    return values_of<Number>(*child.array, child.offset, rows());
}

template <class Number>
Result<ListColumn<Number>> ArrowBatch::lists(std::string_view name) const {
    SHORTLIST_ASSIGN(const Child child, find_child(*this, name));
    if (std::string_view(child.schema->format) != "+L") return wrong_type(name, child.schema->format, "+L");
    const ArrowSchema& item = *child.schema->children[0];
    if (std::string_view(item.format) != format_of<Number>())
        return wrong_type(name, std::string("+L of ") + item.format, std::string("+L of ") + format_of<Number>());
    ListColumn<Number> lists;
    if (rows() == 0) return lists;
    const ArrowArray& items = *child.array->children[0];
    lists.offsets = values_of<std::int64_t>(*child.array, child.offset, rows() + 1);
    lists.values = values_of<Number>(items, items.offset, static_cast<std::size_t>(items.length));
    SHORTLIST_TRY(check_offsets(name, lists.offsets, items.length));
    return lists;
}

template Result<std::span<const std::int64_t>> ArrowBatch::numbers(std::string_view) const;
template Result<std::span<const std::uint32_t>> ArrowBatch::numbers(std::string_view) const;
template Result<std::span<const std::uint64_t>> ArrowBatch::numbers(std::string_view) const;
template Result<std::span<const float>> ArrowBatch::numbers(std::string_view) const;
template Result<ListColumn<std::uint32_t>> ArrowBatch::lists(std::string_view) const;
template Result<ListColumn<std::uint64_t>> ArrowBatch::lists(std::string_view) const;

// A column until it is exported: its memory, and where in it the buffers begin.
struct ArrowBatchBuilder::Column {
    std::string name, format;
    std::size_t rows = 0;
    std::vector<std::shared_ptr<const void>> memory;
    std::vector<const void*> buffers{nullptr};  // the first would say what is missing
    std::unique_ptr<Column> items;

    template <class Values>
    void hold(Values values) {
        const auto kept = std::make_shared<const Values>(std::move(values));
        buffers.push_back(begin_of(*kept));
        memory.push_back(kept);
    }

    void export_to(ArrowArray& array, ArrowSchema& schema) && {
        Held<ArrowArray> values{{}, {}, std::move(memory), std::move(buffers), {}, {}};
        Held<ArrowSchema> description{std::move(format), std::move(name), {}, {}, {}, {}};
        if (items) {
            values.children.push_back(std::make_unique<ArrowArray>());
            description.children.push_back(std::make_unique<ArrowSchema>());
            std::move(*items).export_to(*values.children.back(), *description.children.back());
        }
        array.length = static_cast<std::int64_t>(rows);
        std::move(values).export_to(array);
        std::move(description).export_to(schema);
    }
};

ArrowBatchBuilder::ArrowBatchBuilder() = default;
ArrowBatchBuilder::~ArrowBatchBuilder() = default;

template <class Number>
ArrowBatchBuilder& ArrowBatchBuilder::add(std::string name, std::vector<Number> values) {
    auto column = std::make_unique<Column>();
    column->name = std::move(name);
    column->format = format_of<Number>();
    column->rows = values.size();
    column->hold(std::move(values));
    columns_.push_back(std::move(column));
    return *this;
}

template <class Number>
ArrowBatchBuilder& ArrowBatchBuilder::add_lists(std::string name, std::vector<std::int64_t> offsets, std::vector<Number> values) {
    SHORTLIST_CHECK(!offsets.empty() && static_cast<std::size_t>(offsets.back()) == values.size());
    add("item", std::move(values));
    auto items = std::move(columns_.back());
    columns_.back() = std::make_unique<Column>();
    Column& column = *columns_.back();
    column.name = std::move(name);
    column.format = "+L";
    column.rows = offsets.size() - 1;
    column.hold(std::move(offsets));
    column.items = std::move(items);
    return *this;
}

template ArrowBatchBuilder& ArrowBatchBuilder::add(std::string, std::vector<std::int64_t>);
template ArrowBatchBuilder& ArrowBatchBuilder::add(std::string, std::vector<std::uint32_t>);
template ArrowBatchBuilder& ArrowBatchBuilder::add(std::string, std::vector<std::uint64_t>);
template ArrowBatchBuilder& ArrowBatchBuilder::add(std::string, std::vector<float>);
template ArrowBatchBuilder& ArrowBatchBuilder::add_lists(std::string, std::vector<std::int64_t>, std::vector<std::uint32_t>);
template ArrowBatchBuilder& ArrowBatchBuilder::add_lists(std::string, std::vector<std::int64_t>, std::vector<std::uint64_t>);

Status ArrowBatchBuilder::add(data::Column column) {
    if (!column.valid.empty()) return base::invalid_argument("column '" + base::printable(column.name) + "' has missing values; none may be missing");
    if (auto* numbers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
        add(std::move(column.name), std::move(*numbers));
        if (column.time_us) columns_.back()->format = kTimeFormat;
        return {};
    }
    if (auto* reals = std::get_if<std::vector<float>>(&column.values)) return add(std::move(column.name), std::move(*reals)), Status();
    auto* texts = std::get_if<StringColumn>(&column.values);
    if (texts == nullptr) return base::invalid_argument("column '" + base::printable(column.name) + "' is neither of numbers nor of texts");
    auto strings = std::make_unique<Column>();
    strings->name = std::move(column.name);
    strings->format = "U";
    strings->rows = texts->size();
    strings->hold(std::move(texts->offsets));
    strings->hold(std::move(texts->bytes));
    columns_.push_back(std::move(strings));
    return {};
}

ArrowBatch ArrowBatchBuilder::finish() {
    Held<ArrowArray> values;
    Held<ArrowSchema> description;
    values.buffers.push_back(nullptr);
    description.format = "+s";
    ArrowBatch batch;
    batch.array.length = columns_.empty() ? 0 : static_cast<std::int64_t>(columns_.front()->rows);
    for (auto& column : columns_) {
        SHORTLIST_CHECK(static_cast<std::int64_t>(column->rows) == batch.array.length, column->name);
        values.children.push_back(std::make_unique<ArrowArray>());
        description.children.push_back(std::make_unique<ArrowSchema>());
        std::move(*column).export_to(*values.children.back(), *description.children.back());
    }
    columns_.clear();
    std::move(values).export_to(batch.array);
    std::move(description).export_to(batch.schema);
    return batch;
}

Result<ArrowBatch> to_arrow(ColumnBatch&& columns) {
    ArrowBatchBuilder builder;
    for (auto& column : columns.columns) SHORTLIST_TRY(builder.add(std::move(column)));
    return builder.finish();
}

Result<ColumnBatch> from_arrow(const ArrowBatch& batch) {
    ColumnBatch columns;
    columns.rows = batch.rows();
    for (std::int64_t at = 0; at < batch.schema.n_children; ++at) {
        SHORTLIST_ASSIGN(const Child child, child_at(batch, at));
        Column column;
        column.name = child.schema->name;
        SHORTLIST_ASSIGN(column.values, values_in(child, columns.rows, column.time_us));
        columns.columns.push_back(std::move(column));
    }
    return columns;
}

}  // namespace shortlist::data
