#include "engine/base/processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

namespace shortlist::base {
namespace {

// A folder for what processes say, and a shell to be them.
struct Shell {
    std::filesystem::path folder;

    Shell() {
        std::string pattern = (std::filesystem::temp_directory_path() / "shortlist-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
    }
    ~Shell() {
        std::error_code code;
        std::filesystem::remove_all(folder, code);
    }
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    [[nodiscard]] ProcessCall call(const std::string& name, const std::string& script) const { return {{"-c", script}, folder / name}; }
    [[nodiscard]] std::string said(const std::string& name) const {
        std::ifstream in(folder / name);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
};

TEST(Processes, write_where_they_are_told_and_tell_how_they_ended) {
    const Shell shell;
    ThreadPool pool(2);
    const std::vector<ProcessCall> calls{shell.call("a", "echo one"), shell.call("b", "echo two; exit 7"), shell.call("c", "kill -9 $$")};
    std::map<std::size_t, int> codes;
    ASSERT_TRUE(run_processes("/bin/sh", calls, pool, [&](std::size_t call, int code) -> Status { return codes[call] = code, Status(); }));
    EXPECT_EQ(codes, (std::map<std::size_t, int>{{0, 0}, {1, 7}, {2, 137}}));
    EXPECT_EQ(shell.said("a"), "one\n");
    EXPECT_EQ(shell.said("b"), "two\n");
}

// The second would never end; the third would leave a file.
TEST(Processes, end_with_the_first_that_fails) {
    const Shell shell;
    ThreadPool pool(2);
    const std::string wait_for_it = "while [ ! -s " + (shell.folder / "b").string() + " ]; do :; done; exit 3";
    const std::vector<ProcessCall> calls{shell.call("a", wait_for_it), shell.call("b", "echo here; exec tail -f /dev/null"),
                                         shell.call("c", "echo late")};
    std::size_t told = 0;
    const auto status = run_processes("/bin/sh", calls, pool, [&](std::size_t call, int code) -> Status {
        ++told;
        return internal_error("call " + std::to_string(call) + " ended with " + std::to_string(code));
    });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "call 0 ended with 3");
    EXPECT_EQ(told, 1U);
    EXPECT_FALSE(std::filesystem::exists(shell.folder / "c"));
}

TEST(Processes, name_a_program_that_cannot_be_started) {
    const Shell shell;
    ThreadPool pool(1);
    const auto status = run_processes("/no/such/program", std::vector{shell.call("a", "")}, pool, [](std::size_t, int) { return Status(); });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Unavailable);
    EXPECT_THAT(status.error().message, testing::HasSubstr("/no/such/program"));
}

}  // namespace
}  // namespace shortlist::base
