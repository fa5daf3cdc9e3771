/// What went wrong with an input, a file, the network or a deadline: a code for machines, a message for people.
#pragma once

#include <string>
#include <string_view>

namespace shortlist::base {

enum class ErrorCode {
    InvalidArgument,     ///< A value is not allowed; the message says which values are.
    NotFound,
    AlreadyExists,
    FailedPrecondition,  ///< Right request, wrong state: run something else first.
    PermissionDenied,
    ResourceExhausted,   ///< A stated limit is reached.
    DeadlineExceeded,
    Unavailable,         ///< A part that may come back: try again.
    DataLoss,            ///< Stored bytes are not what was written.
    Internal,
};

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;

    /// The same error with `context` and ": " in front of the message.
    [[nodiscard]] Error in(std::string_view context) const;
};

[[nodiscard]] Error invalid_argument(std::string message);
[[nodiscard]] Error not_found(std::string message);
[[nodiscard]] Error failed_precondition(std::string message);
[[nodiscard]] Error data_loss(std::string message);
[[nodiscard]] Error unavailable(std::string message);
[[nodiscard]] Error resource_exhausted(std::string message);
[[nodiscard]] Error internal_error(std::string message);

/// How the edges show a code: its name in snake_case, the HTTP status, the exit code of a program.
struct ErrorFace {
    std::string_view name;
    int http_status;
    int exit_code;
};
[[nodiscard]] ErrorFace face_of(ErrorCode code);
/// The code behind an exit code; Internal for one that none has.
[[nodiscard]] ErrorCode code_of_exit(int exit_code);

}  // namespace shortlist::base

namespace shortlist {
using base::Error;
using base::ErrorCode;
}  // namespace shortlist
