// All pairs of codes whose vectors have a cosine above a threshold.
#pragma once

#include <cstdint>
#include <vector>

#include "products.hpp"

namespace photosearch {

// What pairs are looked for, and in what.
//
// Codes are as in `Search`. `codebooks` holds for each of `width` bytes 256 vectors of `dimensions` floats, a
// multiple of `Products::group`. `turned` holds the same vectors turned, so that the dimensions by which most
// pairs can be told apart come first.
struct PairSearch {
    const std::uint8_t* blocks;
    std::int64_t total;
    int width;
    const float* codebooks;
    const float* turned;
    int dimensions;
    double error;  // how far a sum of turned codewords may be from the turned sum
    double scale;  // from the numbers of unit vectors to whole ones
    int prefix;    // dimensions to look at first
    float floor;
    std::int64_t since;  // only pairs whose second position is at least this
};

struct Pair {
    std::int64_t first, second;
    float score;
};

// Finds pairs some at a time: each once, as `pairs.py` defines them.
//
// Vectors are made whole numbers, whose products are fast; what rounding can have changed at most is allowed
// for, and who may still be a pair is scored as defined.
class PairScan {
public:
    PairScan(const PairSearch& search, const Products& products, int threads);

    // Looks on for some milliseconds. Returns whether there may be more pairs than those then in `found()`.
    bool look_on();

    // What the last `look_on` found.
    const std::vector<Pair>& found() const { return found_; }

private:
    // One block's unit vectors as whole numbers.
    struct Tile {
        std::int64_t block = 0;
        std::vector<std::int8_t> rows;     // vector by vector
        std::vector<std::uint8_t> panels;  // 64 vectors by 64, as `Products` reads columns
        std::int32_t row_sums[block_codes], prefix_sums[block_codes];
        // How far the whole numbers are from the vector, and the length of what is behind the prefix; the
        // largest of each.
        float errors[block_codes], tails[block_codes];
        float largest_error, largest_tail;
    };

    // Compares one block of firsts after the other with the group of seconds.
    struct Worker {
        Tile first;
        bool busy = false;  // with `first`
        std::size_t next_second = 0;
        // As `Products::near` reads and writes them.
        std::int32_t start[block_codes + Products::padding] = {}, least[block_codes + Products::padding] = {};
        Word near[block_codes + Products::padding];
        std::vector<float> one, other;
        std::vector<Pair> found;
    };

    void next_group();
    void decode(std::int64_t block, Tile& tile) const;
    void compare(Worker& worker, const Tile& second) const;
    void reconstruct(std::int64_t position, const float* codebooks, float* vector) const;

    const PairSearch search_;
    const Products& products_;
    const std::int64_t blocks_;
    std::int64_t group_start_, group_end_;  // blocks of the seconds that firsts are compared with at a time
    std::vector<Tile> group_;
    std::vector<Worker> workers_;
    std::int64_t next_first_;  // block
    std::vector<Pair> found_;
};

}  // namespace photosearch
