/// A line of a file of Metarank's events as rows of our tables. The fields are those of Metarank's documentation, doc/event-schema.md at
/// commit 07a56f437554:
///     item         id, timestamp, item, fields                                 a row of items
///     user         id, timestamp, user, fields                                 a row of users
///     ranking      id, timestamp, user?, session?, fields?, items[{id, relevancy?}]   an impression for each item, with its position
///     interaction  id, timestamp, user?, session?, ranking?, type, item, fields?      an event of its type
/// Each of `fields` is {name, value} and becomes a column. A ranking's id is the request_id of its impressions and of the interactions
/// that name it. Where there is no user, the session stands for one. Private to engine/data.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/source_config.h"

namespace shortlist::data {

/// Columns that a row of the table may have beside those of `fields`.
[[nodiscard]] std::vector<std::string> metarank_columns(SourceTable table);

/// The rows of one table that events stand for, one event after another. One thread.
class MetarankRows {
public:
    explicit MetarankRows(SourceTable table) : table_(table) {}
    /// Goes on to an event, which must live as long as its rows are asked for.
    /// Errors: InvalidArgument: neither of the four, or a ranking without items; then it has no rows.
    [[nodiscard]] Status begin(const boost::json::object& event);
    /// Its next row, until the next call: none where the event is of another table. A ranking has a row for each item, whose id is that of
    /// the ranking, `/` and the position.
    [[nodiscard]] const boost::json::object* next();

private:
    [[nodiscard]] Status begin_ranking(const boost::json::object& event);

    SourceTable table_;
    boost::json::object row_;
    bool has_row_ = false;                        ///< An event that is no ranking has one.
    const boost::json::array* shown_ = nullptr;  ///< The items of a ranking.
    std::size_t position_ = 0;
    std::string ranking_;  ///< Its id.
};

}  // namespace shortlist::data
