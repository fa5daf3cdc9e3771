#include "engine/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/base/checked.h"

namespace shortlist::base {
namespace {

Result<int> half_of(int number) {
    if (number % 2 != 0) return invalid_argument("number must be even; got " + std::to_string(number));
    return number / 2;
}

Result<int> quarter_of(int number) {
    SHORTLIST_ASSIGN(const int half, half_of(number));
    return half_of(half);
}

Status both_even(int a, int b) {
    SHORTLIST_TRY(half_of(a));
    SHORTLIST_TRY(half_of(b));
    return {};
}

TEST(Result, holds_the_value_or_the_error) {
    EXPECT_EQ(half_of(8).value(), 4);
    ASSERT_FALSE(half_of(7));
    EXPECT_EQ(half_of(7).error().message, "number must be even; got 7");
    EXPECT_EQ(half_of(7).value_or(-1), -1);
}

TEST(Result, assign_returns_the_first_error_to_the_caller) {
    EXPECT_EQ(quarter_of(12).value(), 3);
    EXPECT_EQ(quarter_of(6).error().message, "number must be even; got 3");
}

TEST(Result, try_returns_the_first_error_of_a_status) {
    EXPECT_TRUE(both_even(2, 4));
    EXPECT_EQ(both_even(2, 5).error().code, ErrorCode::InvalidArgument);
}

TEST(Result, carries_a_move_only_value) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
    const std::unique_ptr<int> taken = std::move(result).value();
    EXPECT_EQ(*taken, 5);
}

TEST(ResultDeathTest, stops_the_process_when_a_missing_value_is_read) {
    EXPECT_DEATH(static_cast<void>(half_of(7).value()), "number must be even; got 7");
}

TEST(Error, in_puts_the_context_in_front) { EXPECT_EQ(not_found("no such file").in("events.csv").message, "events.csv: no such file"); }

// What programs outside rely on: an HTTP status and an exit code do not change.
TEST(Error, every_code_has_a_name_a_status_and_an_exit_code_above_one) {
    const auto expect_face = [](ErrorCode code, std::string_view name, int status, int exit_code) {
        const ErrorFace face = face_of(code);
        EXPECT_EQ(face.name, name);
        EXPECT_EQ(face.http_status, status) << name;
        EXPECT_EQ(face.exit_code, exit_code) << name;
    };
    EXPECT_EQ(code_of_exit(5), ErrorCode::FailedPrecondition);
    EXPECT_EQ(code_of_exit(11), ErrorCode::Internal);
    EXPECT_EQ(code_of_exit(137), ErrorCode::Internal) << "ended by a signal";
    expect_face(ErrorCode::InvalidArgument, "invalid_argument", 422, 2);
    expect_face(ErrorCode::NotFound, "not_found", 404, 3);
    expect_face(ErrorCode::AlreadyExists, "already_exists", 409, 4);
    expect_face(ErrorCode::FailedPrecondition, "failed_precondition", 409, 5);
    expect_face(ErrorCode::PermissionDenied, "permission_denied", 401, 6);
    expect_face(ErrorCode::ResourceExhausted, "resource_exhausted", 429, 7);
    expect_face(ErrorCode::DeadlineExceeded, "deadline_exceeded", 408, 8);
    expect_face(ErrorCode::Unavailable, "unavailable", 503, 9);
    expect_face(ErrorCode::DataLoss, "data_loss", 500, 10);
    expect_face(ErrorCode::Internal, "internal", 500, 11);
}

TEST(Checked, refuses_what_does_not_fit) {
    EXPECT_EQ(checked_add<std::uint32_t>(1, 2).value(), 3U);
    EXPECT_FALSE(checked_add<std::uint32_t>(UINT32_MAX, 1));
    EXPECT_EQ(checked_multiply<std::size_t>(1U << 20, 1U << 20).value(), std::size_t{1} << 40);
    EXPECT_FALSE(checked_multiply<std::size_t>(SIZE_MAX / 2, 3));
}

}  // namespace
}  // namespace shortlist::base
