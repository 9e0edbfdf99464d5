// The best of many codes by sums of table entries, exactly.
#pragma once

#include <cstdint>

#include "filter.hpp"

namespace photosearch {

// What is looked for, and in what.
//
// `blocks` holds `total` codes in blocks of 1,024, one run a codebook in each; `tables` holds `codebooks`
// tables of 256 finite entries. A code's score is the float sum of its entries in the order of the codebooks.
struct Search {
    const std::uint8_t* blocks;
    std::int64_t total;
    int codebooks;
    const float* tables;
    std::int64_t wanted;          // at most so many
    const std::uint8_t* allowed;  // a byte a code, 0: it may not answer; or null: all may
    float floor;                  // only scores of at least this
};

// Finds the codes of the highest scores, equal scores by position, and writes them best first.
//
// `positions` and `scores` have room for min(wanted, total). Returns how many were found.
std::int64_t find_best(const Search& search, const Filter& filter, int threads, std::int64_t* positions,
                       float* scores);

}  // namespace photosearch
