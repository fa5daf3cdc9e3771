#include "engine/base/error.h"

#include <utility>

namespace shortlist::base {

Error Error::in(std::string_view context) const { return {code, std::string(context) + ": " + message}; }

Error invalid_argument(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }
Error not_found(std::string message) { return {ErrorCode::NotFound, std::move(message)}; }
Error failed_precondition(std::string message) { return {ErrorCode::FailedPrecondition, std::move(message)}; }
Error data_loss(std::string message) { return {ErrorCode::DataLoss, std::move(message)}; }
Error unavailable(std::string message) { return {ErrorCode::Unavailable, std::move(message)}; }
Error resource_exhausted(std::string message) { return {ErrorCode::ResourceExhausted, std::move(message)}; }
Error internal_error(std::string message) { return {ErrorCode::Internal, std::move(message)}; }

// Exit codes start at 2: 1 is left to a program's own verdict, such as a bar that was missed.
ErrorFace face_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument: return {"invalid_argument", 422, 2};
        case ErrorCode::NotFound: return {"not_found", 404, 3};
        case ErrorCode::AlreadyExists: return {"already_exists", 409, 4};
        case ErrorCode::FailedPrecondition: return {"failed_precondition", 409, 5};
        case ErrorCode::PermissionDenied: return {"permission_denied", 401, 6};
        case ErrorCode::ResourceExhausted: return {"resource_exhausted", 429, 7};
        case ErrorCode::DeadlineExceeded: return {"deadline_exceeded", 408, 8};
        case ErrorCode::Unavailable: return {"unavailable", 503, 9};
        case ErrorCode::DataLoss: return {"data_loss", 500, 10};
        case ErrorCode::Internal: return {"internal", 500, 11};
    }
    return {"internal", 500, 11};
}

ErrorCode code_of_exit(int exit_code) {
    for (int code = 0; code < static_cast<int>(ErrorCode::Internal); ++code) {
        if (face_of(static_cast<ErrorCode>(code)).exit_code == exit_code) return static_cast<ErrorCode>(code);
    }
    return ErrorCode::Internal;
}

}  // namespace shortlist::base
