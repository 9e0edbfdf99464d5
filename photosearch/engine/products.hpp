// Inner products of small whole numbers, many at once, by the widest instructions the processor has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "filter.hpp"

namespace photosearch {

// One way to compare rows with panels of 64 columns.
//
// A row is `dimensions` numbers of at most `most` in size, one after the other. A panel holds 64 columns of
// as many numbers, `offset` added to each so that none is negative: four dimensions of the first column, of
// the second and so on, then the next four. `dimensions` is a multiple of `Products::group`.
struct Products {
    static constexpr int group = 8;    // dimensions
    static constexpr int padding = 6;  // rows beyond the last that may be read, and words that may be written

    const char* name;  // of the filter on the same instructions
    int most, offset;

    // Sets for each row in `near` the bit of each column for which start[row] and the sum of row × (column +
    // offset) make at least least[row] and, over the first `prefix` dimensions only, at least 0. Returns
    // whether any bit is set. Reads and writes as if `rows` were rounded up to a multiple of `padding`.
    bool (*near)(const std::int8_t* first_row, int rows, const std::uint8_t* panel, int prefix,
                 int dimensions, const std::int32_t* start, const std::int32_t* least, Word* near);

    // The sum of the codewords that a code in a block names, of `dimensions` floats each, in their order.
    void (*sum)(const float* codebooks, const std::uint8_t* code, int width, int dimensions, float* sum);

    // The inner product of two such vectors, as `pairs.py` defines it.
    double (*inner)(const float* one, const float* other, int dimensions);
};

const Products& products_of(const Filter& filter);

}  // namespace photosearch
