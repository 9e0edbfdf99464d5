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

// One way to add table bytes. A sum that does not fit into a byte counts as 255.
//
// A block is `codebooks` runs of 1,024 bytes; `tables` is `codebooks` tables of 256 bytes, aligned to 64.
struct Filter {
    const char* name;
    const char* description;

    // Sets in `survivors` the bit of each code whose sum is at most `limit`. Where `allowed` is given its
    // other codes do not survive, and words without any are not looked at.
    void (*survivors)(const std::uint8_t* block, int codebooks, const std::uint8_t* tables,
                      std::uint8_t limit, const Word* allowed, Word* survivors);

    // The sums of the 64 codes of one word, which starts at `codes`.
    void (*sums)(const std::uint8_t* codes, int codebooks, const std::uint8_t* tables, std::uint8_t* sums);

    // How many of n bytes, a multiple of 64, are at most `limit`.
    std::int64_t (*count)(const std::uint8_t* bytes, std::int64_t n, std::uint8_t limit);

    // Which of 64 bytes are not zero.
    Word (*nonzero)(const std::uint8_t* bytes);
};

// The filters this processor can run, the fastest first. The last one runs everywhere.
const std::vector<Filter>& filters();

}  // namespace photosearch
