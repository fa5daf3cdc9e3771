/// A reader-writer lock under which a steady stream of readers cannot starve a writer.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace shortlist::base {

/// Works with std::unique_lock and std::shared_lock. A waiting writer holds the door, so that readers who come later wait behind it.
/// Not recursive.
class FairSharedMutex {
public:
    void lock() {
        const std::lock_guard door(door_);
        inside_.lock();
    }
    void unlock() { inside_.unlock(); }
    void lock_shared() {
        const std::lock_guard door(door_);
        inside_.lock_shared();
    }
    void unlock_shared() { inside_.unlock_shared(); }

private:
    std::mutex door_;
    std::shared_mutex inside_;
};

}  // namespace shortlist::base
