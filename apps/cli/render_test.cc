#include "apps/cli/render.h"

#include <gtest/gtest.h>

#include <sstream>

#include "apps/cli/progress.h"
#include "apps/cli/quality_render.h"

namespace shortlist::cli {

TEST(Table, aligns_text_to_the_left_and_numbers_to_the_right) {
    Table table({"item", "score", "note"});
    table.add({"caf\xc3\xa9", "12.5", "x"});
    table.add({"a", "1,234", ""});
    EXPECT_EQ(table.text(),
              "item  score  note\n"
              "caf\xc3\xa9   12.5  x\n"
              "a     1,234\n");
}

TEST(Table, takes_a_column_with_any_word_in_it_for_text) {
    Table table({"value"});
    table.add({"1"});
    table.add({"none"});
    EXPECT_EQ(table.text(), "value\n1\nnone\n");
}

TEST(Table, shows_its_header_without_rows) { EXPECT_EQ(Table({"a", "b"}).text(), "a  b\n"); }

TEST(Render, writes_text_for_people_and_one_document_for_machines) {
    std::ostringstream out;
    std::ostringstream err;
    Io people{out, err};
    render(people, "hello\n", {{"hello", 1}});
    EXPECT_EQ(out.str(), "hello\n");
    out.str("");
    Io machines{out, err, /*json=*/true};
    render(machines, "hello\n", {{"hello", 1}});
    EXPECT_EQ(out.str(), "{\"hello\":1}\n");
    EXPECT_EQ(err.str(), "");
}

TEST(Render, gives_errors_to_machines_on_the_same_stream_with_their_code) {
    std::ostringstream out;
    std::ostringstream err;
    Io machines{out, err, /*json=*/true};
    render_error(machines, base::not_found("no \"x\""));
    EXPECT_EQ(out.str(), "{\"error\":{\"code\":\"not_found\",\"message\":\"no \\\"x\\\"\"}}\n");
    EXPECT_EQ(err.str(), "");
    Io people{out, err};
    render_error(people, base::not_found("no x"));
    EXPECT_EQ(err.str(), "error: no x\n");
}

TEST(ProgressBar, draws_the_share_that_is_done_and_clears_the_line) {
    std::ostringstream out;
    std::ostringstream err;
    base::ManualClock clock(1'000'000'000);
    {
        ProgressBar bar(Io{out, err, false, /*terminal=*/true}, clock);
        bar.update("events", 0.5);
        EXPECT_EQ(err.str(), "\r\x1b[K[###############---------------] 50% events");
        err.str("");
        clock.advance(2 * kSecondUs);
        bar.update("events", 0.75);
        // 2 s for three quarters leave 2 / 0.75 - 2 = 0.67 s, shown as 1.
        EXPECT_EQ(err.str(), "\r\x1b[K[######################--------] 75% events, 1 s left");
        err.str("");
        clock.advance(1000);
        bar.update("events", 0.8);
        EXPECT_EQ(err.str(), "") << "too soon to draw again";
    }
    EXPECT_EQ(err.str(), "\r\x1b[K");
    EXPECT_EQ(out.str(), "");
}

TEST(ProgressBar, writes_nothing_where_nobody_watches) {
    std::ostringstream out;
    std::ostringstream err;
    base::ManualClock clock(0);
    ProgressBar bar(Io{out, err}, clock);
    bar.update("events", 0.5);
    bar.finish();
    EXPECT_EQ(err.str(), "");
}

TEST(ProgressBar, cuts_shares_that_are_no_shares) {
    EXPECT_EQ(bar_of(0, 4), "[----]");
    EXPECT_EQ(bar_of(1, 4), "[####]");
    std::ostringstream err;
    base::ManualClock clock(0);
    ProgressBar bar(Io{err, err, false, true}, clock);
    bar.update("a", 7);
    bar.update("b", std::numeric_limits<double>::quiet_NaN());
    EXPECT_NE(err.str().find("100% a"), std::string::npos);
    EXPECT_NE(err.str().find(" 0% b"), std::string::npos);
}

// A figure that a stage lacks leaves its place empty.
TEST(QualityText, has_a_table_for_each_number_of_positions) {
    training::EvaluationReport report;
    report.users = 2;
    report.level = 0.9;
    report.catalogue = {{"popular", "ndcg", 10, 0.25, 0.2, 0.3, 2},  {"popular", "map", 10, 0.5, 0.4, 0.6, 2},
                        {"popular", "ndcg", 20, 0.5, 0.4, 0.6, 2},   {"ranked", "ndcg", 10, 0.75, 0.7, 0.8, 2},
                        {"ranked", "novelty", 10, 6.5, 6.4, 6.6, 2}, {"ranked", "ndcg", 20, 1.0, 1.0, 1.0, 2}};
    EXPECT_EQ(quality_text(report),
              "Over the whole catalogue, seen items hidden, 2 users:\n\n"
              "stage    ndcg@10  90 % interval        map  novelty\n"
              "popular   0.2500  0.2000 to 0.3000  0.5000\n"
              "ranked    0.7500  0.7000 to 0.8000           6.5000\n"
              "\n"
              "stage    ndcg@20  90 % interval\n"
              "popular   0.5000  0.4000 to 0.6000\n"
              "ranked    1.0000  1.0000 to 1.0000\n");
}

TEST(QualityText, puts_what_is_odd_about_the_test_part_before_its_figures) {
    training::EvaluationReport report;
    report.users = 7;
    EXPECT_EQ(quality_text(report).find("Over the whole catalogue"), 0U);
    EXPECT_EQ(quality_json(report).at("warnings").as_array().size(), 0U);
    report.warnings = {"few users", "a gap"};
    EXPECT_EQ(quality_text(report).find("Warning: few users.\n\nWarning: a gap.\n\nOver the whole catalogue"), 0U);
    EXPECT_EQ(quality_json(report).at("warnings").as_array().at(1).as_string(), "a gap");
}

}  // namespace shortlist::cli
