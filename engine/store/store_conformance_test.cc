// What every store of users' states must do, on each of them.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/check.h"
#include "engine/store/memory_store.h"
#include "engine/store/redis_store.h"
#include "engine/store/redis_testing_internal.h"
#include "engine/store/rocks_store.h"

namespace shortlist::store {
namespace {

/// A store, and what it needs to be there.
struct Place {
    virtual ~Place() = default;
    virtual UserStore& store() = 0;
};

struct MemoryPlace final : Place {
    MemoryStore memory;
    UserStore& store() override { return memory; }
};

struct RocksPlace final : Place {
    RocksPlace() {
        std::string pattern = (std::filesystem::temp_directory_path() / "shortlist-store-XXXXXX").string();
        SHORTLIST_CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder = pattern;
        rocks = std::move(RocksStore::open(folder / "users").value());
    }
    ~RocksPlace() override {
        rocks.reset();
        std::filesystem::remove_all(folder);
    }
    RocksPlace(const RocksPlace&) = delete;
    RocksPlace& operator=(const RocksPlace&) = delete;
    UserStore& store() override { return *rocks; }

    std::filesystem::path folder;
    std::unique_ptr<RocksStore> rocks;
};

struct RedisPlace final : Place {
    RedisProcess redis;
    RedisStore shared{redis.config(), "layout", 1};
    UserStore& store() override { return shared; }
};

struct Kind {
    std::string name;
    std::function<std::unique_ptr<Place>()> make;
};

template <class Made>
Kind kind(std::string name) {
    return {std::move(name), [] { return std::make_unique<Made>(); }};
}

class StoreConformance : public testing::TestWithParam<Kind> {
protected:
    bool write(std::string_view user, std::uint64_t known, std::uint64_t version, std::string_view bytes) {
        const StateWrite write{{user, known}, version, bytes};
        return store().write({&write, 1}).value()[0];
    }
    std::optional<StoredState> read(std::string_view user, std::uint64_t known = 0) {
        const KnownState asked{user, known};
        return std::move(store().read({&asked, 1}).value()[0]);
    }
    UserStore& store() { return place_->store(); }

private:
    std::unique_ptr<Place> place_ = GetParam().make();
};

TEST_P(StoreConformance, a_user_who_was_never_written_is_not_there) { EXPECT_FALSE(read("nobody")); }

TEST_P(StoreConformance, what_is_written_is_read) {
    EXPECT_TRUE(write("ann", 0, 7, "state"));
    const auto state = read("ann");
    ASSERT_TRUE(state);
    EXPECT_EQ(state->version, 7U);
    EXPECT_EQ(state->bytes, "state");
}

TEST_P(StoreConformance, the_known_version_is_not_read_again) {
    ASSERT_TRUE(write("ann", 0, 7, "state"));
    EXPECT_FALSE(read("ann", 7));
    EXPECT_TRUE(read("ann", 6));
    EXPECT_TRUE(read("ann", 8)) << "what another writer replaced";
}

TEST_P(StoreConformance, a_version_that_the_writer_does_not_know_is_not_overwritten) {
    ASSERT_TRUE(write("ann", 0, 7, "first"));
    EXPECT_FALSE(write("ann", 0, 8, "second"));
    EXPECT_FALSE(write("ann", 6, 8, "second"));
    EXPECT_EQ(read("ann")->bytes, "first");
    EXPECT_TRUE(write("ann", 7, 8, "second"));
    EXPECT_EQ(read("ann")->bytes, "second");
    EXPECT_EQ(read("ann")->version, 8U);
}

TEST_P(StoreConformance, what_the_store_lost_may_be_written_again) { EXPECT_TRUE(write("ann", 41, 42, "state")); }

TEST_P(StoreConformance, erased_users_are_gone) {
    ASSERT_TRUE(write("ann", 0, 7, "a"));
    ASSERT_TRUE(write("bob", 0, 7, "b"));
    const std::vector<std::string_view> gone{"ann", "nobody"};
    ASSERT_TRUE(store().erase(gone));
    EXPECT_FALSE(read("ann"));
    EXPECT_TRUE(read("bob"));
    EXPECT_TRUE(write("ann", 0, 1, "anew"));
}

TEST_P(StoreConformance, any_bytes_and_any_ids_are_kept) {
    const std::string bytes = std::string("\0\xff\r\n$5\r\n", 9) + std::string(1'000'000, '\x80');
    const std::vector<std::string> users{"", "a b", "a:b", std::string("nul\0in", 6), "\xc3\xa9t\xc3\xa9", std::string(256, 'x')};
    for (const auto& user : users) ASSERT_TRUE(write(user, 0, ~std::uint64_t{0} - 1, bytes)) << user;
    for (const auto& user : users) {
        const auto state = read(user);
        ASSERT_TRUE(state) << user;
        EXPECT_EQ(state->version, ~std::uint64_t{0} - 1);
        EXPECT_EQ(state->bytes, bytes);
    }
    EXPECT_TRUE(write("empty", 0, 1, ""));
    EXPECT_EQ(read("empty")->bytes, "");
}

TEST_P(StoreConformance, many_are_answered_in_the_order_of_the_questions) {
    constexpr std::size_t kUsers = 3000;
    std::vector<std::string> names;
    for (std::size_t user = 0; user < kUsers; ++user) names.push_back("user " + std::to_string(user * 7919 % kUsers));
    std::vector<StateWrite> writes;
    for (std::size_t user = 0; user < kUsers; user += 2) writes.push_back({{names[user], 0}, user + 1, names[user]});
    const auto written = store().write(writes).value();
    EXPECT_EQ(written, std::vector<bool>(writes.size(), true));
    std::vector<KnownState> asked;
    for (const auto& name : names) asked.push_back({name, 0});
    const auto found = store().read(asked).value();
    ASSERT_EQ(found.size(), kUsers);
    for (std::size_t user = 0; user < kUsers; ++user) {
        ASSERT_EQ(found[user].has_value(), user % 2 == 0);
        if (!found[user]) continue;
        EXPECT_EQ(found[user]->bytes, names[user]);
        EXPECT_EQ(found[user]->version, user + 1);
    }
    EXPECT_TRUE(store().read({}).value().empty());
    EXPECT_TRUE(store().write({}).value().empty());
}

// Writers count by reading what is there and writing one more: none of them may undo another's.
TEST_P(StoreConformance, writers_who_read_again_when_refused_lose_nothing) {
    constexpr int kWriters = 4;
    constexpr int kRounds = 100;
    std::atomic<int> refused = 0;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&] {
            for (int round = 0; round < kRounds; ++round) {
                while (true) {
                    const auto state = read("counter");
                    const std::uint64_t version = state ? state->version : 0;
                    const int count = state ? std::stoi(state->bytes) : 0;
                    if (write("counter", version, version + 1, std::to_string(count + 1))) break;
                    ++refused;
                }
            }
        });
    }
    for (auto& writer : writers) writer.join();
    EXPECT_EQ(read("counter")->bytes, std::to_string(kWriters * kRounds)) << refused << " refused";
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance,
                         testing::Values(kind<MemoryPlace>("Memory"), kind<RocksPlace>("RocksDb"), kind<RedisPlace>("Redis")),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace shortlist::store
