// The best of many codes by sums of table entries, exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "filter.hpp"

namespace photosearch {

// What is known of the first `count` blocks: see arrangement.py.
struct Bounds {
    Codebooks directions;
    const float* cones;  // seven rows of `count`
    std::int64_t count;
    double error;
};

// What is looked for, and in what.
//
// `blocks` holds `total` codes in blocks of 1,024, one run a codebook in each; `tables` holds `codebooks`
// tables of 256 finite entries. A code's score is the float sum of its entries in the order of the codebooks.
struct Search {
    const std::uint8_t* blocks;
    std::int64_t total;
    int codebooks;
    const float* tables;
    std::int64_t wanted;      // at most so many
    const Word* allowed;      // a bit a code: whether it may answer; or null: all may
    bool whole;               // the entries are whole numbers
    float floor;              // only scores of at least this
    std::int64_t* positions;  // where to write the answer; room for min(wanted, total)
    float* scores;
    const float* query;  // of `dimensions` floats, where bounds are given
    int dimensions;
    const Bounds* bounds;            // or null
    const volatile bool* cancelled;  // may become true at any time: nobody wants the answer; or null
};

// Whether nobody wants the answer any more.
inline bool is_cancelled(const Search& search) { return search.cancelled && *search.cancelled; }

// Finds for each search the codes of the highest scores, equal scores by position, and writes them best
// first.
//
// The searches differ in tables and answers only. Returns how many codes were found for each; of searches that
// are cancelled nothing true.
std::vector<std::int64_t> find_best(const std::vector<Search>& searches, const Filter& filter, int threads);

}  // namespace photosearch
