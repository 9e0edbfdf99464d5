#include "pool.hpp"

#include <chrono>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace photosearch {
namespace {

constexpr std::uint64_t one_more = std::uint64_t{1} << 16;
constexpr std::uint64_t at_work = one_more - 1;
constexpr auto watch_for = std::chrono::microseconds(50);

void pause() {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
}

}  // namespace

Pool& Pool::instance() {
    // Never destroyed: its threads live until the process ends.
    static Pool* const pool = new Pool;
    return *pool;
}

void Pool::run(int threads, const std::function<void()>& work) {
    std::unique_lock<std::mutex> alone(calling_, std::try_to_lock);
    if (threads < 2 || !alone) return work();
    for (; started_ < threads - 1; ++started_) std::thread([this] { serve(); }).detach();
    work_ = &work;
    state_.store(one_more * static_cast<std::uint64_t>(threads - 1), std::memory_order_release);
    {
        const std::lock_guard<std::mutex> lock(sleeping_);
        calls_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    work();
    // Nobody may join any more; who has is waited for. Threads lost by a fork never joined, so they are not
    // missed.
    state_.fetch_and(at_work, std::memory_order_acq_rel);
    const auto patient_until = std::chrono::steady_clock::now() + watch_for;
    while (state_.load(std::memory_order_acquire)) {
        // Where another program has the processor that is waited for, it is not kept from ours too.
        std::chrono::steady_clock::now() < patient_until ? pause() : std::this_thread::yield();
    }
}

void Pool::serve() {
    std::uint64_t seen = 0;
    for (;;) {
        const auto asleep_at = std::chrono::steady_clock::now() + watch_for;
        while (calls_.load(std::memory_order_acquire) == seen && std::chrono::steady_clock::now() < asleep_at)
            pause();
        if (calls_.load(std::memory_order_acquire) == seen) {
            std::unique_lock<std::mutex> lock(sleeping_);
            wake_.wait(lock, [&] { return calls_.load(std::memory_order_acquire) != seen; });
        }
        seen = calls_.load(std::memory_order_acquire);
        std::uint64_t state = state_.load(std::memory_order_acquire);
        while (state >= one_more &&
               !state_.compare_exchange_weak(state, state - one_more + 1, std::memory_order_acq_rel)) {
        }
        if (state < one_more) continue;
        (*work_)();
        state_.fetch_sub(1, std::memory_order_acq_rel);
    }
}

int available_threads() {
#ifdef __linux__
    cpu_set_t allowed;
    if (!sched_getaffinity(0, sizeof allowed, &allowed)) return CPU_COUNT(&allowed);
#endif
    const int threads = static_cast<int>(std::thread::hardware_concurrency());
    return threads > 0 ? threads : 1;
}

}  // namespace photosearch
