#include "pairs.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

#include "pool.hpp"

namespace photosearch {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto at_a_time = std::chrono::milliseconds(50);
constexpr std::size_t enough = 1 << 16;  // pairs a thread finds before it lets them be fetched
constexpr int group_bytes = 1 << 20;     // of whole numbers, which then stay in the cache

// What the rounding of a score to float32 can add to a cosine.
constexpr double slack = 1e-6;

// Beyond any sum of products, and yet a sum of two of them and products fits into 32 bits.
constexpr std::int32_t most_whole = 1 << 29;

std::int32_t whole(double number) {
    return static_cast<std::int32_t>(std::clamp<double>(std::floor(number), -most_whole, most_whole));
}

}  // namespace

PairScan::PairScan(const PairSearch& search, const Products& products, int threads)
    : search_(search),
      products_(products),
      blocks_((search.total + block_codes - 1) / block_codes),
      group_start_(std::min(search.since / block_codes, blocks_)),
      group_end_(group_start_),
      workers_(threads),
      next_first_(group_end_) {
    for (Worker& worker : workers_) {
        worker.one.resize(search.dimensions);
        worker.other.resize(search.dimensions);
    }
}

bool PairScan::look_on() {
    const auto until = Clock::now() + at_a_time;
    found_.clear();
    for (;;) {
        const bool busy =
            std::any_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.busy; });
        if (!busy && next_first_ >= group_end_) {
            if (group_end_ >= blocks_) return false;
            next_group();
        }
        std::atomic<std::int64_t> next_first{next_first_};
        std::atomic<std::size_t> next_worker{0};
        Pool::instance().run(static_cast<int>(workers_.size()), [&] {
            for (std::size_t mine; (mine = next_worker++) < workers_.size();) {
                Worker& worker = workers_[mine];
                while (worker.found.size() < enough && Clock::now() < until) {
                    if (!worker.busy) {
                        const std::int64_t block = next_first++;
                        if (block >= group_end_) break;
                        decode(block, worker.first);
                        worker.next_second =
                            static_cast<std::size_t>(std::max(block - group_start_, std::int64_t{0}));
                        worker.busy = true;
                    }
                    compare(worker, group_[worker.next_second]);
                    worker.busy = ++worker.next_second < group_.size();
                }
            }
        });
        next_first_ = std::min(next_first.load(), group_end_);
        for (Worker& worker : workers_) {
            found_.insert(found_.end(), worker.found.begin(), worker.found.end());
            worker.found.clear();
        }
        if (found_.size() >= enough || Clock::now() >= until) return true;
    }
}

void PairScan::next_group() {
    const std::int64_t most = std::max(2, group_bytes / (block_codes * search_.dimensions));
    group_start_ = group_end_;
    group_end_ = std::min(blocks_, group_start_ + most);
    next_first_ = 0;
    group_.resize(group_end_ - group_start_);
    std::atomic<std::size_t> next{0};
    Pool::instance().run(static_cast<int>(workers_.size()), [&] {
        for (std::size_t i; (i = next++) < group_.size();) {
            Tile& tile = group_[i];
            decode(group_start_ + static_cast<std::int64_t>(i), tile);
            tile.panels.resize(tile.rows.size());
            for (int c = 0; c < block_codes; ++c)
                for (int d = 0; d < search_.dimensions; ++d)
                    tile.panels[(c / word_codes * search_.dimensions + d / 4 * 4) * word_codes +
                                c % word_codes * 4 + d % 4] =
                        static_cast<std::uint8_t>(tile.rows[c * search_.dimensions + d] + products_.offset);
        }
    });
}

void PairScan::decode(std::int64_t block, Tile& tile) const {
    const int dimensions = search_.dimensions;
    const auto codes =
        static_cast<int>(std::min<std::int64_t>(block_codes, search_.total - block * block_codes));
    std::vector<float> vector(dimensions);
    tile.block = block;
    tile.rows.assign((block_codes + Products::padding) * dimensions, 0);
    tile.largest_error = tile.largest_tail = 0;
    const auto most = static_cast<float>(products_.most);
    for (int i = 0; i < codes; ++i) {
        reconstruct(block * block_codes + i, search_.turned, vector.data());
        const double length = std::sqrt(products_.inner(vector.data(), vector.data(), dimensions));
        const auto factor = static_cast<float>(search_.scale / length);
        std::int8_t* row = &tile.rows[i * dimensions];
        int sums[2] = {};
        float lost = 0, squares[2] = {};  // of the prefix, of the tail
        // What is too short to be sure of its direction is left zero, and near to everything.
        const double turned = 2 * search_.error / length;
        const bool sure = length > 0 && turned < 0.5 && std::isfinite(factor) && factor > 0;
        for (int part = 0; sure && part < 2; ++part)
            for (int d = part ? search_.prefix : 0; d < (part ? dimensions : search_.prefix); ++d) {
                const float exact = vector[d] * factor;
                // Truncation rounds what is not negative.
                const int number = static_cast<int>(std::clamp(exact, -most, most) + 128.5f) - 128;
                const auto rounded = static_cast<float>(number);
                row[d] = static_cast<std::int8_t>(number);
                sums[part] += number;
                lost += (exact - rounded) * (exact - rounded);
                squares[part] += exact * exact;
            }
        tile.prefix_sums[i] = sums[0];
        tile.row_sums[i] = sums[0] + sums[1];
        const double scale = search_.scale / (1 + 1e-3);  // what such sums may be off by, and more
        tile.errors[i] = static_cast<float>(sure ? std::sqrt(lost) / scale + turned : 2);
        tile.tails[i] = static_cast<float>(sure ? std::sqrt(squares[1]) / scale + turned : 1);
        tile.largest_error = std::max(tile.largest_error, tile.errors[i]);
        tile.largest_tail = std::max(tile.largest_tail, tile.tails[i]);
    }
}

void PairScan::compare(Worker& worker, const Tile& second) const {
    const Tile& first = worker.first;
    const auto rows =
        static_cast<int>(std::min<std::int64_t>(block_codes, search_.total - first.block * block_codes));
    const double square = search_.scale * search_.scale;
    for (int i = 0; i < rows; ++i) {
        // a·b = (a' + d)·(b' + e), where d and e are what rounding took: at most this much more than a'·b'.
        const double error = first.errors[i] + (1.0 + first.errors[i]) * second.largest_error;
        const double least = square * (search_.floor - slack - error);
        const double tail = square * first.tails[i] * second.largest_tail;
        const std::int32_t prefix_least =
            whole(least - tail - 1 + products_.offset * static_cast<double>(first.prefix_sums[i]));
        worker.start[i] = -prefix_least;
        worker.least[i] =
            whole(least - 1 + products_.offset * static_cast<double>(first.row_sums[i]) - prefix_least);
    }
    std::fill_n(worker.start + rows, Products::padding, -most_whole);

    for (int panel = 0; panel < block_words; ++panel) {
        if (!products_.near(first.rows.data(), rows, &second.panels[panel * word_codes * search_.dimensions],
                            search_.prefix, search_.dimensions, worker.start, worker.least, worker.near))
            continue;
        for (int i = 0; i < rows; ++i) {
            if (!worker.near[i]) continue;
            const std::int64_t one = first.block * block_codes + i;
            reconstruct(one, search_.codebooks, worker.one.data());
            const double length =
                std::sqrt(products_.inner(worker.one.data(), worker.one.data(), search_.dimensions));
            for (Word word = worker.near[i]; word; word &= word - 1) {
                const std::int64_t other = second.block * block_codes + panel * word_codes + lowest_bit(word);
                if (other <= one || other < search_.since || other >= search_.total) continue;
                reconstruct(other, search_.codebooks, worker.other.data());
                const double other_length =
                    std::sqrt(products_.inner(worker.other.data(), worker.other.data(), search_.dimensions));
                const double product =
                    products_.inner(worker.one.data(), worker.other.data(), search_.dimensions);
                const auto score = static_cast<float>(product / (length * other_length));
                if (score >= search_.floor) worker.found.push_back({one, other, score});
            }
        }
    }
}

void PairScan::reconstruct(std::int64_t position, const float* codebooks, float* vector) const {
    const std::uint8_t* block = search_.blocks + position / block_codes * block_codes * search_.width;
    products_.sum(codebooks, block + position % block_codes, search_.width, search_.dimensions, vector);
}

}  // namespace photosearch
