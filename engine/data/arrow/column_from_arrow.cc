#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>

#include <limits>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/arrow/readers_internal.h"

namespace shortlist::data {

namespace {

std::vector<std::uint8_t> valid_of(const arrow::Array& array) {
    std::vector<std::uint8_t> valid;
    if (array.null_count() == 0) return valid;
    valid.resize(static_cast<std::size_t>(array.length()));
    for (std::int64_t i = 0; i < array.length(); ++i) valid[static_cast<std::size_t>(i)] = array.IsValid(i) ? 1 : 0;
    return valid;
}

template <class ArrayType, class To>
std::vector<To> numbers_of(const arrow::Array& array) {
    const auto& typed = static_cast<const ArrayType&>(array);
    const auto* values = typed.raw_values();
    return std::vector<To>(values, values + typed.length());
}

template <class ArrayType>
StringColumn strings_of(const arrow::Array& array) {
    const auto& typed = static_cast<const ArrayType&>(array);
    StringColumn strings;
    strings.offsets.reserve(static_cast<std::size_t>(typed.length()) + 1);
    for (std::int64_t i = 0; i < typed.length(); ++i) strings.push_back(typed.IsNull(i) ? std::string_view() : typed.GetView(i));
    return strings;
}

/// Integers of any width as text, or a value of a type that only its text form is asked of.
StringColumn texts_of(const arrow::Array& array) {
    StringColumn strings;
    for (std::int64_t i = 0; i < array.length(); ++i) {
        const auto scalar = array.IsNull(i) ? nullptr : array.GetScalar(i).ValueOr(nullptr);
        strings.push_back(scalar ? scalar->ToString() : std::string());
    }
    return strings;
}

/// Integers of 64 bits unsigned; those past the signed range are kept as text, for ids may be such.
ColumnValues unsigned_of(const arrow::Array& array) {
    const auto& typed = static_cast<const arrow::UInt64Array&>(array);
    std::vector<std::int64_t> values;
    values.reserve(static_cast<std::size_t>(typed.length()));
    for (std::int64_t i = 0; i < typed.length(); ++i) {
        if (typed.IsValid(i) && typed.Value(i) > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return texts_of(array);
        values.push_back(static_cast<std::int64_t>(typed.Value(i)));
    }
    return values;
}

/// Time stamps and dates as microseconds; one that does not fit stands as the largest, which no check lets pass.
std::vector<std::int64_t> times_of(const arrow::Array& array) {
    std::int64_t multiply = 1;
    std::int64_t divide = 1;
    std::vector<std::int64_t> times;
    if (array.type_id() == arrow::Type::DATE32) {
        times = numbers_of<arrow::Date32Array, std::int64_t>(array);
        multiply = kDayUs;
    } else if (array.type_id() == arrow::Type::DATE64) {
        times = numbers_of<arrow::Date64Array, std::int64_t>(array);
        multiply = 1000;
    } else {
        times = numbers_of<arrow::TimestampArray, std::int64_t>(array);
        const auto unit = static_cast<const arrow::TimestampType&>(*array.type()).unit();
        if (unit == arrow::TimeUnit::SECOND) multiply = kSecondUs;
        if (unit == arrow::TimeUnit::MILLI) multiply = 1000;
        if (unit == arrow::TimeUnit::NANO) divide = 1000;
    }
    for (auto& time : times) {
        if (__builtin_mul_overflow(time / divide, multiply, &time)) time = std::numeric_limits<std::int64_t>::max();
    }
    return times;
}

Result<Column> coded_of(const std::string& name, const arrow::Array& array) {
    const auto& typed = static_cast<const arrow::DictionaryArray&>(array);
    SHORTLIST_ASSIGN(auto values, column_from_arrow(name, *typed.dictionary()));
    auto* strings = std::get_if<StringColumn>(&values.values);
    if (strings == nullptr || !values.valid.empty()) {
        return base::invalid_argument("column '" + base::printable(name) + "' is a dictionary of " + typed.dictionary()->type()->ToString() +
                                      "; only dictionaries of texts are read");
    }
    const auto count = static_cast<std::int64_t>(strings->size());
    CodedColumn coded;
    coded.codes.reserve(static_cast<std::size_t>(typed.length()));
    for (std::int64_t i = 0; i < typed.length(); ++i) {
        const std::int64_t code = typed.IsNull(i) ? 0 : typed.GetValueIndex(i);
        if (typed.IsValid(i) && (code < 0 || code >= count))
            return base::data_loss("column '" + base::printable(name) + "' has a code outside its dictionary");
        coded.codes.push_back(static_cast<std::uint32_t>(code));
    }
    if (strings->size() == 0) strings->push_back("");
    coded.values = std::move(*strings);
    return Column{name, std::move(coded), valid_of(array), false};
}

/// An item of an array of floats or doubles; NaN where it is missing.
float float_at(const arrow::Array& items, std::int64_t i) {
    if (items.IsNull(i)) return std::numeric_limits<float>::quiet_NaN();
    if (items.type_id() == arrow::Type::FLOAT) return static_cast<const arrow::FloatArray&>(items).Value(i);
    return static_cast<float>(static_cast<const arrow::DoubleArray&>(items).Value(i));
}

struct ListBounds {
    std::int64_t begin;
    std::int64_t end;
};

template <class ListArray>
std::vector<ListBounds> bounds_of(const arrow::Array& array) {
    const auto& lists = static_cast<const ListArray&>(array);
    std::vector<ListBounds> bounds;
    for (std::int64_t i = 0; i < lists.length(); ++i) {
        const auto begin = static_cast<std::int64_t>(lists.value_offset(i));
        bounds.push_back({begin, lists.IsNull(i) ? begin : begin + lists.value_length(i)});
    }
    return bounds;
}

/// A vector column, where all lists that are there have one length; nothing otherwise.
std::optional<VectorColumn> vectors_of(const arrow::Array& items, const std::vector<ListBounds>& bounds) {
    VectorColumn vectors;
    for (const auto& [begin, end] : bounds) {
        if (end == begin) continue;
        const auto width = static_cast<std::size_t>(end - begin);
        if (vectors.width != 0 && vectors.width != width) return std::nullopt;
        vectors.width = width;
    }
    if (vectors.width == 0) return std::nullopt;
    vectors.values.reserve(vectors.width * bounds.size());
    for (const auto& [begin, end] : bounds) {
        for (std::int64_t i = begin; i < end; ++i) vectors.values.push_back(float_at(items, i));
        if (begin == end) vectors.values.insert(vectors.values.end(), vectors.width, std::numeric_limits<float>::quiet_NaN());
    }
    return vectors;
}

/// The items of lists as texts. Errors: InvalidArgument for items that are lists themselves, or the like.
Result<StringColumn> item_texts(const std::string& name, const arrow::Array& items) {
    const auto type = items.type_id();
    if (type == arrow::Type::STRING) return strings_of<arrow::StringArray>(items);
    if (type == arrow::Type::LARGE_STRING) return strings_of<arrow::LargeStringArray>(items);
    if (arrow::is_primitive(type)) return texts_of(items);
    return base::invalid_argument("column '" + base::printable(name) + "' holds lists of " + items.type()->ToString() + ", which are not read");
}

Result<Column> lists_of(const std::string& name, const arrow::Array& array, const arrow::Array& items, const std::vector<ListBounds>& bounds) {
    std::vector<std::uint8_t> valid = valid_of(array);
    if (items.type_id() == arrow::Type::FLOAT || items.type_id() == arrow::Type::DOUBLE) {
        if (auto vectors = vectors_of(items, bounds)) {
            valid.resize(bounds.size());
            for (std::size_t i = 0; i < bounds.size(); ++i) valid[i] = bounds[i].end > bounds[i].begin ? 1 : 0;
            return Column{name, std::move(*vectors), std::move(valid), false};
        }
    }
    SHORTLIST_ASSIGN(const StringColumn texts, item_texts(name, items));
    StringListColumn lists;
    for (const auto& [begin, end] : bounds) {
        for (std::int64_t i = begin; i < end; ++i) lists.strings.push_back(texts[static_cast<std::size_t>(i)]);
        lists.offsets.push_back(lists.strings.size());
    }
    return Column{name, std::move(lists), std::move(valid), false};
}

/// Columns of one value a row.
std::optional<ColumnValues> scalars_of(const arrow::Array& array) {
    using arrow::Type;
    switch (array.type_id()) {
        case Type::NA: {
            StringColumn missing;
            missing.offsets.resize(static_cast<std::size_t>(array.length()) + 1, 0);
            return missing;
        }
        case Type::BOOL: {
            const auto& typed = static_cast<const arrow::BooleanArray&>(array);
            std::vector<std::uint8_t> values(static_cast<std::size_t>(typed.length()));
            for (std::int64_t i = 0; i < typed.length(); ++i) values[static_cast<std::size_t>(i)] = typed.Value(i) ? 1 : 0;
            return values;
        }
        case Type::INT8: return numbers_of<arrow::Int8Array, std::int64_t>(array);
        case Type::INT16: return numbers_of<arrow::Int16Array, std::int64_t>(array);
        case Type::INT32: return numbers_of<arrow::Int32Array, std::int64_t>(array);
        case Type::INT64: return numbers_of<arrow::Int64Array, std::int64_t>(array);
        case Type::UINT8: return numbers_of<arrow::UInt8Array, std::int64_t>(array);
        case Type::UINT16: return numbers_of<arrow::UInt16Array, std::int64_t>(array);
        case Type::UINT32: return numbers_of<arrow::UInt32Array, std::int64_t>(array);
        case Type::UINT64: return unsigned_of(array);
        case Type::FLOAT: return numbers_of<arrow::FloatArray, float>(array);
        case Type::DOUBLE: return numbers_of<arrow::DoubleArray, double>(array);
        case Type::STRING: return strings_of<arrow::StringArray>(array);
        case Type::LARGE_STRING: return strings_of<arrow::LargeStringArray>(array);
        case Type::BINARY: return strings_of<arrow::BinaryArray>(array);
        case Type::LARGE_BINARY: return strings_of<arrow::LargeBinaryArray>(array);
        case Type::HALF_FLOAT:
        case Type::DECIMAL32:
        case Type::DECIMAL64:
        case Type::DECIMAL128:
        case Type::DECIMAL256: return texts_of(array);
        case Type::TIMESTAMP:
        case Type::DATE32:
        case Type::DATE64: return times_of(array);
        default: return std::nullopt;
    }
}

bool has_time_type(arrow::Type::type type) { return type == arrow::Type::TIMESTAMP || type == arrow::Type::DATE32 || type == arrow::Type::DATE64; }

}  // namespace

Result<Column> column_from_arrow(const std::string& name, const arrow::Array& array) {
    switch (array.type_id()) {
        case arrow::Type::DICTIONARY: return coded_of(name, array);
        case arrow::Type::LIST:
            return lists_of(name, array, *static_cast<const arrow::ListArray&>(array).values(), bounds_of<arrow::ListArray>(array));
        case arrow::Type::LARGE_LIST:
            return lists_of(name, array, *static_cast<const arrow::LargeListArray&>(array).values(), bounds_of<arrow::LargeListArray>(array));
        case arrow::Type::FIXED_SIZE_LIST:
            return lists_of(name, array, *static_cast<const arrow::FixedSizeListArray&>(array).values(), bounds_of<arrow::FixedSizeListArray>(array));
        default: break;
    }
    auto values = scalars_of(array);
    if (!values) {
        return base::invalid_argument("column '" + base::printable(name) + "' has the type " + array.type()->ToString() +
                                      "; numbers, booleans, texts, times and lists of numbers or texts are read");
    }
    return Column{name, std::move(*values), valid_of(array), has_time_type(array.type_id())};
}

}  // namespace shortlist::data
