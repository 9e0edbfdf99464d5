// Threads that wait for work for the life of the process.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace photosearch {

// Helps one caller at a time. Idle threads watch for the next call a short while before they sleep, because
// to be woken takes longer than a small search.
class Pool {
public:
    // The one pool of this process.
    static Pool& instance();

    // Calls `work` here and in up to `threads` - 1 other threads, and returns when all calls have. A thread
    // that comes late finds the work closed, so `work` must be complete when any of its calls returns
    // normally.
    void run(int threads, const std::function<void()>& work);

private:
    void serve();

    std::mutex calling_;
    const std::function<void()>* work_ = nullptr;
    int started_ = 0;
    // Above the low 16 bits: how many threads may still join. In them: how many have joined and are at work.
    std::atomic<std::uint64_t> state_{0};
    std::atomic<std::uint64_t> calls_{0};
    std::mutex sleeping_;
    std::condition_variable wake_;
};

// How many threads this process may run at once.
int available_threads();

}  // namespace photosearch
