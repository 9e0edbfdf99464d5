// Which codes of a block may be among the best: sums of table bytes, by the widest instructions the processor
// has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace photosearch {

constexpr int block_codes = 1024;
constexpr int word_codes = 64;
constexpr int block_words = block_codes / word_codes;
constexpr int codewords = 256;
constexpr int words_at_once = 4;
constexpr int few = 32;  // codes of a block: so many, or fewer, are looked at one by one
constexpr int listed_at_once = 8;  // at most

using Word = std::uint64_t;  // one bit a code

inline int lowest_bit(Word word) {
#ifdef __GNUC__
    return __builtin_ctzll(word);
#else
    int bit = 0;
    for (; !(word & 1); word >>= 1) ++bit;
    return bit;
#endif
}

// Asks memory for what will be wanted soon.
inline void prefetch([[maybe_unused]] const void* wanted) {
#ifdef __GNUC__
    __builtin_prefetch(wanted);
#endif
}

// Codebooks as tables are made of: 256 numbers for each of `used` dimensions for each of `count` tables, in
// half precision or, where `halves` is null, in float.
struct Codebooks {
    const std::uint16_t* halves;
    const float* floats;
    const std::int32_t* dimensions;  // of the query, for each of the used ones of each table
    int count, used;
};

// What lies between a table's entries.
struct Extent {
    float least, most, mean;
};

// One way to make tables and to add their bytes. A sum that does not fit into a byte counts as 255.
//
// A block is `codebooks` runs of 1,024 bytes; `tables` is `codebooks` tables of 256 bytes, aligned to 64.
struct Filter {
    const char* name;
    const char* description;

    // Makes tables of inner products with a query: products added one by one, in the order of the dimensions.
    void (*fill)(const Codebooks& codebooks, const float* query, float* tables);

    // The extent of a table's 256 entries.
    Extent (*extent)(const float* table);

    // How far a table's entries are below `best`, times `scale`, rounded down, at most 255.
    void (*round)(const float* table, float best, float scale, std::uint8_t* bytes);

    // Sets in `survivors` the bit of each code whose sum is at most `limit`. Where `allowed` is given its
    // other codes do not survive, and words without any are not looked at.
    // `next` is what is wanted next, in memory.
    void (*survivors)(const std::uint8_t* block, const std::uint8_t* next, int codebooks,
                      const std::uint8_t* tables, std::uint8_t limit, const Word* allowed, Word* survivors);

    // The sums of the 64 codes of each of four words.
    void (*sums)(const std::uint8_t* const* words, int codebooks, const std::uint8_t* tables,
                 std::uint8_t* sums);

    // How many of n bytes, a multiple of 64, are at most `limit`.
    std::int64_t (*count)(const std::uint8_t* bytes, std::int64_t n, std::uint8_t limit);

    // How many bits of n words are set.
    std::int64_t (*population)(const Word* words, std::int64_t n);

    // Writes `start` plus the place of each code of a block that is allowed, and returns how many are; of
    // more than `few` only that. Needs room for `few` + `listed_at_once`.
    int (*list)(const Word* allowed, std::int64_t start, std::int64_t* places);
};

// The filters this processor can run, the fastest first. The last one runs everywhere.
const std::vector<Filter>& filters();

}  // namespace photosearch
