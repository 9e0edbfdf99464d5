#include "search.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>
#include <vector>

#include "pool.hpp"

namespace photosearch {
namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

struct Candidate {
    float score;
    std::int64_t position;

    bool operator<(const Candidate& other) const {  // ordered best first
        return score > other.score || (score == other.score && position < other.position);
    }
};

// What of a search is the same for every threshold.
struct Deficits {
    Deficits(const Search& search, const Filter& filter)
        : codebooks(search.codebooks), tables(search.tables), whole(search.whole) {
        double largest = 0;
        for (int m = 0; m < codebooks; ++m) {
            const Extent extent = filter.extent(tables + m * codewords);
            best.push_back(extent.most);
            top += extent.most;
            bottom += extent.least;
            mean += extent.mean;
            largest += std::max(std::abs(static_cast<double>(extent.least)),
                                std::abs(static_cast<double>(extent.most)));
        }
        // Twice what rounding can make of a float sum of so many terms.
        slack = codebooks * largest * std::numeric_limits<float>::epsilon();
        bounded = largest < 1e37;
    }

    int codebooks;
    const float* tables;
    bool whole;                            // entries are whole numbers
    std::vector<float> best;               // of each table
    double top = 0, mean = 0, bottom = 0;  // sums over tables of the highest, mean and lowest entry
    double slack = 0;
    bool bounded;  // no sum overflows
};

// Table entries as bytes: how far each is below its table's best, rounded down, 255 for anything further.
//
// Rounding down and counting too far as 255 only make a sum smaller, so a score of at least `threshold` has a
// sum of at most `limit`: what does not is passed over without looking at its score.
class ByteTables {
public:
    ByteTables(const Deficits& deficits, const Filter& filter)
        : deficits_(deficits), filter_(filter), storage_(deficits.codebooks * codewords + 63) {
        auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
        bytes_ = storage_.data() + (64 - address % 64) % 64;
    }

    // Excludes as many scores below `threshold` as bytes can tell.
    void exclude_below(float threshold) {
        if (!deficits_.bounded || threshold == lowest) return;
        const double range = std::max(0.0, deficits_.top - threshold + deficits_.slack);
        // New bytes are dearer than a new limit and only pay where they tell much more.
        if (range < 0.85 * range_) set_range(range);
        limit_ = static_cast<std::uint8_t>(std::min(254.0, scale_ * range));
    }

    // Makes deficits up to `range` fill the bytes.
    void set_range(double range) {
        range_ = range;
        // A scale that is too small only tells less; one as large as this tells the smallest floats apart.
        auto scale = static_cast<float>(std::min(254.5 / range, 1e37));
        // Whole numbers times a whole number need no rounding.
        if (deficits_.whole && scale >= 1) scale = std::floor(scale);
        for (int m = 0; m < deficits_.codebooks; ++m)
            filter_.round(deficits_.tables + m * codewords, deficits_.best[m], scale, bytes_ + m * codewords);
        // A little more than what the bytes were made with, so that float rounding never counts against a
        // code.
        scale_ = scale * (1 + 1e-6);
    }

    const std::uint8_t* bytes() const { return bytes_; }
    std::uint8_t limit() const { return limit_; }
    double scale() const { return scale_; }

private:
    const Deficits& deficits_;
    const Filter& filter_;
    std::vector<std::uint8_t> storage_;
    std::uint8_t* bytes_;
    double range_ = std::numeric_limits<double>::infinity();
    double scale_ = 0;
    std::uint8_t limit_ = 255;  // until something is excluded, every sum passes
};

// Which codes of a block may answer, by words, for which there is room at `words`; null: all.
const Word* allowed_words(const Search& search, std::int64_t block, Word* words) {
    const std::int64_t rest = search.total - block * block_codes;
    const Word* allowed = search.allowed ? search.allowed + block * block_words : nullptr;
    if (rest >= block_codes) return allowed;
    for (int w = 0; w < block_words; ++w) {
        const std::int64_t here = rest - w * word_codes;
        words[w] = here >= word_codes ? ~Word{0} : here > 0 ? (Word{1} << here) - 1 : 0;
        // Behind the last code there is nothing to read.
        if (allowed && here > 0) words[w] &= allowed[w];
    }
    return words;
}

// Whether no code of a block may answer, as is so of most blocks where a filter keeps a folder or a month.
bool is_empty(const Search& search, std::int64_t block) {
    if (!search.allowed || (block + 1) * block_codes > search.total) return false;
    const Word* allowed = search.allowed + block * block_words;
    Word any = 0;
    for (int w = 0; w < block_words; ++w) any |= allowed[w];
    return !any;
}

// A score that about `wanted` codes or somewhat more reach, judged by some words of 64 codes spread over all
// of them.
//
// May be too high where the codes are unlike a random sample; whoever uses it has to count. -∞ where the
// sample is too small to tell.
float expected_threshold(const Search& search, const Deficits& deficits, const Filter& filter) {
    constexpr std::int64_t most_words = 512, of_words = 16;
    const std::int64_t words = search.total / word_codes;
    const std::int64_t step = std::max(of_words, words / most_words);
    if (!deficits.bounded) return lowest;
    std::vector<const std::uint8_t*> sampled;
    std::vector<Word> allowed;
    for (std::int64_t s = 0; s < words / step; ++s) {
        // A little off a fixed step, so as not to meet the same word of every block.
        const std::int64_t word = s * step + s % step;
        if (search.allowed && !search.allowed[word]) continue;
        allowed.push_back(search.allowed ? search.allowed[word] : ~Word{0});
        sampled.push_back(search.blocks + word / block_words * block_codes * deficits.codebooks +
                          word % block_words * word_codes);
    }
    const auto count = static_cast<std::int64_t>(sampled.size());
    const std::int64_t codes = filter.population(allowed.data(), count);
    // So many of the sample are expected among the wanted, and three standard deviations more. A failure
    // costs a second search, every code too many a look at its score.
    const double expected = static_cast<double>(search.wanted) / static_cast<double>(step);
    const double rank = std::ceil(expected + 3 * std::sqrt(expected) + 2);
    // Of a small subset a threshold is found as soon by looking at its codes.
    if (rank > 0.5 * static_cast<double>(codes) || codes < words / step * word_codes / 32) return lowest;

    sampled.resize((count + words_at_once - 1) / words_at_once * words_at_once, sampled.back());
    std::vector<std::uint8_t> sums(sampled.size() * word_codes);
    ByteTables bytes(deficits, filter);
    // Half of all codes are expected to be above the mean. Rounding can put it at the very top.
    const double whole = deficits.top - deficits.bottom;
    for (double range = std::max(deficits.top - deficits.mean, whole / 16);;
         range = std::min(2 * range, whole)) {
        bytes.set_range(range);
        for (std::size_t s = 0; s < sampled.size(); s += words_at_once)
            filter.sums(&sampled[s], deficits.codebooks, bytes.bytes(), &sums[s * word_codes]);
        for (std::int64_t s = 0; s < count; ++s)
            for (Word refused = ~allowed[s]; refused; refused &= refused - 1)
                sums[s * word_codes + lowest_bit(refused)] = 255;
        const std::int64_t size = count * word_codes;
        if (static_cast<double>(filter.count(sums.data(), size, 254)) >= rank) {
            int low = 0, high = 254;  // the least limit that `rank` sums pass
            while (low < high) {
                const int middle = (low + high) / 2;
                const std::int64_t passing =
                    filter.count(sums.data(), size, static_cast<std::uint8_t>(middle));
                static_cast<double>(passing) >= rank ? high = middle : low = middle + 1;
            }
            // A rounded term is half too small on average.
            const double rounded = deficits.whole ? 0.5 : 2 + 0.5 * deficits.codebooks;
            const double deficit = (low + rounded) / bytes.scale();
            return static_cast<float>(deficits.top - deficit);
        }
        if (!(range < whole)) return lowest;
    }
}

// One thread's share of a search: keeps the best of the blocks it is given.
class Scan {
public:
    Scan(const Search& search, const Deficits& deficits, const Filter& filter)
        : search_(search),
          filter_(filter),
          bytes_(deficits, filter),
          wanted_(static_cast<std::size_t>(std::min(search.wanted, search.total))) {
        best_.reserve(wanted_ + std::max<std::size_t>(wanted_ / 2, 128));
    }

    // `threshold`: no code of a lower score is wanted. `next`: the block that follows.
    void scan(std::int64_t block, float threshold, std::int64_t next) {
        threshold_ = std::max(threshold_, threshold);
        Word words[block_words], survivors[block_words];
        const Word* allowed = allowed_words(search_, block, words);
        if (allowed) {
            const std::int64_t start = block * block_codes * search_.codebooks;
            const int count = filter_.list(allowed, start, waiting_ + waiting_count_);
            if (count <= few) {
                waiting_count_ += count;
                if (waiting_count_ > most_waiting) look_at_waiting();
                return;
            }
        }
        const std::uint8_t* codes = block_at(block);
        bytes_.exclude_below(threshold_);
        // Memory is asked for so far ahead of the scan; the processor's own prefetching stops at the end of a
        // page.
        constexpr int ahead = 8192;
        const std::uint8_t* coming = next == block + 1 ? codes + ahead : block_at(next);
        filter_.survivors(codes, coming, search_.codebooks, bytes_.bytes(), bytes_.limit(), allowed,
                          survivors);
        by_codebooks([&](auto codebooks) {
            for (int w = 0; w < block_words; ++w)
                for (Word word = survivors[w]; word; word &= word - 1)
                    offer(codes + w * word_codes + lowest_bit(word), codebooks);
        });
    }

    // The score that any further code must reach; -∞ while too few were found.
    float reached() const { return worst_.score; }

    // The best found, in no order.
    const std::vector<Candidate>& best() {
        look_at_waiting();
        shorten();
        return best_;
    }

private:
    const std::uint8_t* block_at(std::int64_t block) const {
        return search_.blocks + block * block_codes * search_.codebooks;
    }

    // Calls `work` with the number of codebooks, the usual ones as constants: then the compiler needs no
    // loop.
    template <typename Work>
    void by_codebooks(const Work& work) {
        switch (search_.codebooks) {
            case 8:
                return work(std::integral_constant<int, 8>());
            case 16:
                return work(std::integral_constant<int, 16>());
            default:
                return work(search_.codebooks);
        }
    }

    // Looks at the codes that are looked at one by one.
    void look_at_waiting() {
        by_codebooks([&](auto codebooks) {
            constexpr int ahead = 16;
            for (int i = 0; i < waiting_count_; ++i) {
                const std::int64_t coming = waiting_[std::min(i + ahead, waiting_count_ - 1)];
                for (int m = 0; m < codebooks; ++m) prefetch(search_.blocks + coming + m * block_codes);
                offer(search_.blocks + waiting_[i], codebooks);
            }
        });
        waiting_count_ = 0;
    }

    // `code`: where its first byte lies; the others lie a block's codes further each.
    template <typename Count>
    void offer(const std::uint8_t* code, Count codebooks) {
        const float* tables = search_.tables;
        float score = tables[*code];
        for (int m = 1; m < codebooks; ++m) score += tables[m * codewords + code[m * block_codes]];
        if (score >= threshold_) keep(code, score);
    }

    void keep(const std::uint8_t* code, float score) {
        const std::int64_t offset = code - search_.blocks;
        const Candidate candidate{
            score, offset / (block_codes * search_.codebooks) * block_codes + offset % block_codes};
        if (full_ && !(candidate < worst_)) return;
        best_.push_back(candidate);
        if (best_.size() == best_.capacity() || (!full_ && best_.size() == wanted_)) {
            shorten();
            threshold_ = std::max(threshold_, reached());
        }
    }

    void shorten() {
        if (best_.size() < wanted_) return;
        std::nth_element(best_.begin(), best_.begin() + static_cast<std::ptrdiff_t>(wanted_ - 1),
                         best_.end());
        best_.resize(wanted_);
        worst_ = best_.back();
        full_ = true;
    }

    const Search& search_;
    const Filter& filter_;
    ByteTables bytes_;
    std::size_t wanted_;
    std::vector<Candidate> best_;
    static constexpr int most_waiting = 256;
    std::int64_t waiting_[most_waiting + few + listed_at_once];  // where their first bytes lie
    int waiting_count_ = 0;
    float threshold_ = lowest;
    Candidate worst_{lowest, 0};  // of the best, once there are enough
    bool full_ = false;
};

// The highest score that a code of each block can have, as far as it is known.
std::vector<float> highest_scores(const Search& search, const Filter& filter) {
    if (!search.bounds) return {};
    const Bounds& bounds = *search.bounds;
    double square = 0;
    for (int d = 0; d < search.dimensions; ++d)
        square += static_cast<double>(search.query[d]) * search.query[d];
    const auto length = static_cast<float>(std::sqrt(square));
    const auto error = static_cast<float>(length * bounds.error);
    // Of larger and smaller numbers no such bounds hold.
    if (!(length > 1e-30f && length < 1e30f && error > 1e-35f && error < 1e30f)) return {};
    std::vector<float> highest(static_cast<std::size_t>(bounds.directions.count) * codewords);
    filter.fill(bounds.directions, search.query, highest.data());
    highest.resize(bounds.count);
    const float* rows[7];
    for (int row = 0; row < 7; ++row) rows[row] = bounds.cones + row * bounds.count;
    const auto [scale, least_cosine, least_sine, largest_cosine, largest_sine, shortest, longest] = rows;
    const float inverse = 1 / length;
    // What the cosine of a query's angle can be off by: twice what adding so many products can.
    const float slack = (search.dimensions + 8) * 2.4e-7f;
    for (std::int64_t i = 0; i < bounds.count; ++i) {
        const float cosine = highest[i] * inverse * scale[i];
        const float nearer = std::min(cosine + slack, 1.0f), farther = std::max(cosine - slack, -1.0f);
        // The cosine of how far the query's angle is from those between the least and the largest.
        const float beyond =
            nearer * largest_cosine[i] + std::sqrt(std::max(0.0f, 1 - nearer * nearer)) * largest_sine[i];
        const float before =
            farther * least_cosine[i] + std::sqrt(std::max(0.0f, 1 - farther * farther)) * least_sine[i];
        const float apart = nearer < largest_cosine[i] ? beyond : farther > least_cosine[i] ? before : 1.0f;
        highest[i] =
            length * (apart > 0 ? longest[i] : shortest[i]) * apart + length * longest[i] * 1e-5f + error;
    }
    return highest;
}

// The blocks of the highest of some scores.
std::vector<std::int64_t> highest_blocks(const std::vector<float>& scores) {
    constexpr std::size_t most = 32;
    const auto better = [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; };
    std::vector<std::int64_t> found;  // a heap, the lowest first
    for (std::int64_t block = 0; block < static_cast<std::int64_t>(scores.size()); ++block) {
        if (scores[block] == -lowest || std::isnan(scores[block])) continue;
        if (found.size() == most) {
            if (!better(block, found.front())) continue;
            std::pop_heap(found.begin(), found.end(), better);
            found.pop_back();
        }
        found.push_back(block);
        std::push_heap(found.begin(), found.end(), better);
    }
    return found;
}

// One of the searches that are made together.
struct Task {
    Task(const Search& search, const Filter& filter)
        : search(search),
          deficits(search, filter),
          threshold(std::max(search.floor, expected_threshold(search, deficits, filter))) {}

    const Search& search;
    Deficits deficits;
    float threshold;
    std::int64_t found = 0;
    std::vector<float> highest;  // score of each of the first blocks; -∞ once it was looked at
};

// Writes for each task the best of all codes whose score is at least its threshold, best first.
//
// The tasks look for the same number of the same codes, so that they take turns at blocks that are still in
// the cache.
void find(const std::vector<Task*>& tasks, const Filter& filter, int threads) {
    constexpr std::int64_t share = 32;  // blocks a thread takes at a time
    if (tasks.empty()) return;
    const std::int64_t blocks = (tasks[0]->search.total + block_codes - 1) / block_codes;
    std::vector<std::atomic<float>> common(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) common[i] = tasks[i]->threshold;
    std::vector<Scan> scans;  // task by task for each thread
    scans.reserve(threads * tasks.size());
    for (int t = 0; t < threads; ++t)
        for (const Task* task : tasks) scans.emplace_back(task->search, task->deficits, filter);

    // The sooner a high score is reached, the more blocks are passed over.
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        Task& task = *tasks[i];
        if (is_cancelled(task.search)) return;
        task.highest = highest_scores(task.search, filter);
        const std::vector<std::int64_t> best = highest_blocks(task.highest);
        for (std::size_t j = 0; j < best.size(); ++j) {
            scans[i].scan(best[j], task.threshold, best[std::min(j + 1, best.size() - 1)]);
            task.highest[best[j]] = lowest;
        }
        common[i] = std::max(task.threshold, scans[i].reached());
    }

    std::atomic<std::int64_t> next_block{0};
    std::atomic<std::size_t> next_thread{0};
    Pool::instance().run(threads, [&] {
        Scan* const mine = &scans[next_thread++ * tasks.size()];
        for (std::int64_t first; (first = next_block.fetch_add(share)) < blocks;) {
            const std::int64_t end = std::min(first + share, blocks);
            for (std::size_t i = 0; i < tasks.size(); ++i) {
                if (is_cancelled(tasks[i]->search)) return;
                for (std::int64_t block = first, next; block < end; block = next) {
                    float known = common[i].load(std::memory_order_relaxed);
                    const auto& highest = tasks[i]->highest;
                    const auto bounded = static_cast<std::int64_t>(highest.size());
                    const auto hopeless = [&](std::int64_t which) {
                        return (which < bounded && (highest[which] < known || highest[which] == lowest)) ||
                               is_empty(tasks[i]->search, which);
                    };
                    next = block + 1;
                    while (next < end && hopeless(next)) ++next;
                    if (hopeless(block)) continue;
                    mine[i].scan(block, known, std::min(next, blocks - 1));
                    while (mine[i].reached() > known &&
                           !common[i].compare_exchange_weak(known, mine[i].reached())) {
                    }
                }
            }
        }
    });

    std::vector<Candidate> best;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        best.clear();
        for (int t = 0; t < threads; ++t) {
            const std::vector<Candidate>& part = scans[t * tasks.size() + i].best();
            best.insert(best.end(), part.begin(), part.end());
        }
        std::sort(best.begin(), best.end());
        Task& task = *tasks[i];
        task.found = std::min<std::int64_t>(task.search.wanted, static_cast<std::int64_t>(best.size()));
        for (std::int64_t j = 0; j < task.found; ++j) {
            task.search.positions[j] = best[j].position;
            task.search.scores[j] = best[j].score;
        }
    }
}

}  // namespace

std::vector<std::int64_t> find_best(const std::vector<Search>& searches, const Filter& filter, int threads) {
    constexpr std::size_t together = 32;  // whose tables and candidates leave room in the cache
    std::vector<std::int64_t> found;
    for (std::size_t first = 0; first < searches.size(); first += together) {
        std::vector<Task> tasks;
        tasks.reserve(together);
        for (std::size_t i = first; i < std::min(first + together, searches.size()); ++i) {
            if (is_cancelled(searches[i])) return {};
            tasks.emplace_back(searches[i], filter);
        }
        std::vector<Task*> waiting;
        for (Task& task : tasks)
            if (task.search.wanted > 0 && task.search.total > 0 && !std::isnan(task.search.floor))
                waiting.push_back(&task);
        find(waiting, filter, threads);
        std::vector<Task*> misjudged;
        for (Task* task : waiting)
            if (task->found < task->search.wanted && task->threshold > task->search.floor) {
                task->threshold = task->search.floor;
                misjudged.push_back(task);
            }
        find(misjudged, filter, threads);
        for (const Task& task : tasks) found.push_back(task.found);
    }
    return found;
}

}  // namespace photosearch
