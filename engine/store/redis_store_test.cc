// What only Redis does: it goes and comes back, and others see the same.
#include "engine/store/redis_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "engine/base/clock.h"
#include "engine/store/redis_testing_internal.h"

namespace shortlist::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

bool write(UserStore& store, std::string_view user, std::uint64_t known, std::uint64_t version) {
    const StateWrite write{{user, known}, version, "bytes"};
    const auto written = store.write({&write, 1});
    return written && (*written)[0];
}

Result<std::vector<std::optional<StoredState>>> read(UserStore& store, std::string_view user) {
    const KnownState asked{user, 0};
    return store.read({&asked, 1});
}

// Asks until the store answers again.
bool comes_back(UserStore& store) {
    const double deadline = base::monotonic_seconds() + 20;
    while (base::monotonic_seconds() < deadline) {
        if (read(store, "ann")) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

TEST(RedisStore, servers_see_each_others_states_of_one_layout) {
    const RedisProcess redis;
    RedisStore one(redis.config(), "a", 1);
    RedisStore two(redis.config(), "a", 2);
    RedisStore other_layout(redis.config(), "b", 3);
    auto config = redis.config();
    config.prefix = "another";
    RedisStore other_project(config, "a", 4);
    ASSERT_TRUE(write(one, "ann", 0, 1));
    EXPECT_TRUE(read(two, "ann").value()[0]);
    EXPECT_FALSE(read(other_layout, "ann").value()[0]);
    EXPECT_FALSE(read(other_project, "ann").value()[0]);
}

TEST(RedisStore, goes_on_after_a_restart_of_redis_with_what_that_kept) {
    RedisProcess redis(true);
    RedisStore store(redis.config(), "a", 1);
    ASSERT_TRUE(write(store, "ann", 0, 1));
    redis.stop();
    redis.start();
    // The connection of before is dead; the call finds that out and connects anew.
    const auto found = read(store, "ann");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ((*found)[0]->version, 1U);
}

TEST(RedisStore, fails_at_once_while_redis_is_gone_and_finds_it_again) {
    RedisProcess redis;
    RedisStore store(redis.config(), "a", 1);
    ASSERT_TRUE(write(store, "ann", 0, 1));
    redis.stop();
    const auto gone = read(store, "ann");
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, base::ErrorCode::Unavailable);
    EXPECT_THAT(gone.error().message, HasSubstr("redis " + redis.config().address));
    redis.start();
    EXPECT_TRUE(comes_back(store));
    EXPECT_FALSE(read(store, "ann").value()[0]) << "this Redis kept nothing";
    EXPECT_TRUE(write(store, "ann", 1, 2));
}

TEST(RedisStore, waits_no_longer_than_the_timeout_and_then_not_at_all) {
    const RedisProcess redis;
    auto config = redis.config();
    config.timeout.us = 100'000;
    RedisStore store(config, "a", 1);
    ASSERT_TRUE(write(store, "ann", 0, 1));
    redis.suspend();
    double started = base::monotonic_seconds();
    EXPECT_FALSE(read(store, "ann"));
    const double waited = base::monotonic_seconds() - started;
    EXPECT_GE(waited, 0.1);
    EXPECT_LT(waited, 5.0);
    // Until it is asked again nobody waits: a thousand calls take less than ten timeouts.
    started = base::monotonic_seconds();
    for (int call = 0; call < 1000; ++call) EXPECT_FALSE(read(store, "ann"));
    EXPECT_LT(base::monotonic_seconds() - started, 1.0);
    redis.resume();
    EXPECT_TRUE(comes_back(store));
    EXPECT_TRUE(read(store, "ann").value()[0]);
}

TEST(RedisStore, names_an_address_that_is_none) {
    for (const std::string address : {"host:", "host:0", "host:70000", "host:x", ":6379"}) {
        RedisConfig config;
        config.address = address;
        RedisStore store(config, "a", 1);
        EXPECT_THAT(read(store, "ann").error().message, AllOf(HasSubstr("serve.redis.address"), HasSubstr(address)));
    }
}

TEST(RedisStore, a_wrong_password_is_named_and_not_shown) {
    const RedisProcess redis;
    auto config = redis.config();
    config.user = "nobody";
    config.password = "secret-word";
    RedisStore store(config, "a", 1);
    EXPECT_THAT(read(store, "ann").error().message, AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("secret-word"))));
}

}  // namespace
}  // namespace shortlist::store
