#include "engine/base/processes.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <system_error>

namespace shortlist::base {

namespace {

class Processes {
public:
    Processes(const std::filesystem::path& program, const std::function<Status(std::size_t, int)>& ended) : program_(program), ended_(ended) {}

    void run(std::size_t call, const ProcessCall& what) {
        pid_t process = 0;
        {
            const std::lock_guard lock(mutex_);
            if (!status_) return;
            auto started = start(what);
            if (!started) return fail(std::move(started).error());
            process = *started;
            running_.push_back(process);
        }
        int how = 0;
        while (::waitpid(process, &how, 0) < 0 && errno == EINTR) {}
        const std::lock_guard lock(mutex_);
        std::erase(running_, process);
        if (!status_) return;
        constexpr int kSignalled = 128;
        if (auto status = ended_(call, WIFEXITED(how) ? WEXITSTATUS(how) : kSignalled + WTERMSIG(how)); !status) fail(std::move(status).error());
    }

    [[nodiscard]] Status status() && { return std::move(status_); }

private:
    void fail(Error error) {
        status_ = std::move(error);
        for (const pid_t process : running_) ::kill(process, SIGTERM);
    }

    Result<pid_t> start(const ProcessCall& call) {
        std::vector<std::string> words{program_.string()};
        words.insert(words.end(), call.arguments.begin(), call.arguments.end());
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, call.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        pid_t process = 0;
        const int failed = ::posix_spawn(&process, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (failed == 0) return process;
        return unavailable(words.front() + " cannot be started: " + std::generic_category().message(failed));
    }

    const std::filesystem::path& program_;
    const std::function<Status(std::size_t, int)>& ended_;
    std::mutex mutex_;
    std::vector<pid_t> running_;
    Status status_;
};

}  // namespace

Status run_processes(const std::filesystem::path& program, std::span<const ProcessCall> calls, ThreadPool& pool,
                     const std::function<Status(std::size_t, int)>& ended) {
    Processes processes(program, ended);
    pool.parallel_for(calls.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t call = begin; call < end; ++call) processes.run(call, calls[call]);
    });
    return std::move(processes).status();
}

}  // namespace shortlist::base
