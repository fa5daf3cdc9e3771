/// A redis-server for tests: a process of its own, on a socket in a temporary folder.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/check.h"
#include "engine/store/redis_connection_internal.h"

namespace shortlist::store {

class RedisProcess {
public:
    /// Answers when this returns. `keeps`: what was written is there after stop() and start().
    explicit RedisProcess(bool keeps = false) : keeps_(keeps) {
        std::string pattern = (std::filesystem::temp_directory_path() / "shortlist-redis-XXXXXX").string();
        SHORTLIST_CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        start();
    }
    ~RedisProcess() {
        stop();
        std::filesystem::remove_all(folder_);
    }
    RedisProcess(const RedisProcess&) = delete;
    RedisProcess& operator=(const RedisProcess&) = delete;

    [[nodiscard]] RedisConfig config() const {
        RedisConfig config;
        config.address = (folder_ / "socket").string();
        return config;
    }

    void start() {
        const auto config = this->config();
        std::vector<std::string> words{"redis-server",
                                       "--port",
                                       "0",
                                       "--unixsocket",
                                       config.address,
                                       "--dir",
                                       folder_.string(),
                                       "--save",
                                       "",
                                       "--appendonly",
                                       keeps_ ? "yes" : "no",
                                       "--appendfsync",
                                       "always",
                                       "--logfile",
                                       (folder_ / "log").string()};
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        // It outlives a test that crashes, and must not hold the test's pipes then.
        posix_spawn_file_actions_t files{};
        ::posix_spawn_file_actions_init(&files);
        for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::posix_spawn_file_actions_addopen(&files, file, "/dev/null", O_RDWR, 0);
        const int error = ::posix_spawnp(&process_, "redis-server", &files, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&files);
        SHORTLIST_CHECK(error == 0, "redis-server does not start");
        constexpr int kTries = 1000;
        for (int attempt = 0; attempt < kTries; ++attempt) {
            if (RedisConnection::open(config)) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        SHORTLIST_CHECK(false, "redis-server does not answer");
    }

    void stop() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }
    /// It neither answers nor hangs up until resume().
    void suspend() const { ::kill(process_, SIGSTOP); }
    void resume() const { ::kill(process_, SIGCONT); }

private:
    bool keeps_;
    std::filesystem::path folder_;
    pid_t process_ = 0;
};

}  // namespace shortlist::store
