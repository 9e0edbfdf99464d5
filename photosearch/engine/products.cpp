#include "products.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#if defined(__x86_64__) && defined(__GNUC__)
#define PHOTOSEARCH_X86
#include <immintrin.h>
#endif

namespace photosearch {
namespace {

#ifdef __GNUC__
#define INLINE inline __attribute__((always_inline))
#else
#define INLINE inline
#endif

// For the compiler to make the best of for the instructions that the caller is compiled for.
INLINE void add_up(const float* codebooks, const std::uint8_t* code, int width, int dimensions, float* sum) {
    for (int d = 0; d < dimensions; d += Products::group) {
        float part[Products::group] = {};
        const float* codebook = codebooks + d;
        for (int m = 0; m < width; ++m, codebook += codewords * dimensions)
            for (int i = 0; i < Products::group; ++i)
                part[i] += codebook[code[m * block_codes] * dimensions + i];
        std::copy_n(part, Products::group, sum + d);
    }
}

INLINE double multiply(const float* one, const float* other, int dimensions) {
    double lanes[Products::group] = {};
    for (int d = 0; d < dimensions; d += Products::group)
        for (int i = 0; i < Products::group; ++i)
            lanes[i] += static_cast<double>(one[d + i]) * static_cast<double>(other[d + i]);
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

namespace portable {

bool near(const std::int8_t* row, int rows, const std::uint8_t* panel, int prefix, int dimensions,
          const std::int32_t* start, const std::int32_t* least, Word* near) {
    Word any = 0;
    for (int r = 0; r < rows; ++r, row += dimensions) {
        std::int32_t sums[word_codes];
        std::fill_n(sums, word_codes, start[r]);
        const auto add = [&](int from, int to) {
            for (int d = from; d < to; d += 4)
                for (int c = 0; c < word_codes; ++c)
                    for (int i = 0; i < 4; ++i) sums[c] += row[d + i] * panel[(d * word_codes) + 4 * c + i];
        };
        const auto at_least = [&](std::int32_t limit) {
            Word word = 0;
            for (int c = 0; c < word_codes; ++c) word |= static_cast<Word>(sums[c] >= limit) << c;
            return word;
        };
        add(0, prefix);
        near[r] = at_least(0);
        if (near[r]) {
            add(prefix, dimensions);
            near[r] &= at_least(least[r]);
        }
        any |= near[r];
    }
    return any;
}

void sum(const float* codebooks, const std::uint8_t* code, int width, int dimensions, float* sum) {
    add_up(codebooks, code, width, dimensions, sum);
}

double inner(const float* one, const float* other, int dimensions) {
    return multiply(one, other, dimensions);
}

}  // namespace portable

#ifdef PHOTOSEARCH_X86

std::int32_t four(const std::int8_t* numbers) {
    std::int32_t packed;
    std::memcpy(&packed, numbers, sizeof packed);
    return packed;
}

namespace vnni {

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

// One row's sums with 64 columns, by name: an array would be kept in memory.
struct Sums {
    __m512i a, b, c, d;
};

TARGET INLINE Sums all(std::int32_t number) {
    const __m512i sum = _mm512_set1_epi32(number);
    return {sum, sum, sum, sum};
}

TARGET INLINE void add(Sums& sums, const Sums& columns, const std::int8_t* row) {
    const __m512i four_numbers = _mm512_set1_epi32(four(row));
    // Not by the intrinsic, of whose sums GCC 12 keeps half in memory.
    asm("vpdpbusd %2, %1, %0" : "+v"(sums.a) : "v"(columns.a), "v"(four_numbers));
    asm("vpdpbusd %2, %1, %0" : "+v"(sums.b) : "v"(columns.b), "v"(four_numbers));
    asm("vpdpbusd %2, %1, %0" : "+v"(sums.c) : "v"(columns.c), "v"(four_numbers));
    asm("vpdpbusd %2, %1, %0" : "+v"(sums.d) : "v"(columns.d), "v"(four_numbers));
}

TARGET INLINE Sums both(const Sums& one, const Sums& other) {
    return {_mm512_and_si512(one.a, other.a), _mm512_and_si512(one.b, other.b),
            _mm512_and_si512(one.c, other.c), _mm512_and_si512(one.d, other.d)};
}

TARGET INLINE Word at_least(const Sums& sums, std::int32_t least) {
    const __m512i limit = _mm512_set1_epi32(least);
    return _mm512_cmpge_epi32_mask(sums.a, limit) |
           static_cast<Word>(_mm512_cmpge_epi32_mask(sums.b, limit)) << 16 |
           static_cast<Word>(_mm512_cmpge_epi32_mask(sums.c, limit)) << 32 |
           static_cast<Word>(_mm512_cmpge_epi32_mask(sums.d, limit)) << 48;
}

// Sums of six rows, over some dimensions.
struct Block {
    Sums s0, s1, s2, s3, s4, s5;
};

TARGET INLINE void add(Block& sums, const std::int8_t* rows, const std::uint8_t* panel, int from, int to,
                       int dimensions) {
    Block s = sums;
    for (int d = from; d < to; d += 4) {
        const std::uint8_t* column = panel + d * word_codes;
        const Sums columns{_mm512_loadu_si512(column), _mm512_loadu_si512(column + 64),
                           _mm512_loadu_si512(column + 128), _mm512_loadu_si512(column + 192)};
        add(s.s0, columns, rows + d);
        add(s.s1, columns, rows + dimensions + d);
        add(s.s2, columns, rows + 2 * dimensions + d);
        add(s.s3, columns, rows + 3 * dimensions + d);
        add(s.s4, columns, rows + 4 * dimensions + d);
        add(s.s5, columns, rows + 5 * dimensions + d);
    }
    sums = s;
}

TARGET bool near(const std::int8_t* row, int rows, const std::uint8_t* panel, int prefix, int dimensions,
                 const std::int32_t* start, const std::int32_t* least, Word* near) {
    constexpr int block = 6;
    Word any = 0;
    for (int r = 0; r < rows; r += block, row += block * dimensions) {
        Block s{all(start[r]),     all(start[r + 1]), all(start[r + 2]),
                all(start[r + 3]), all(start[r + 4]), all(start[r + 5])};
        add(s, row, panel, 0, prefix, dimensions);
        // The highest bit of what all have in common says whether all are negative.
        const Sums common = both(both(both(s.s0, s.s1), both(s.s2, s.s3)), both(s.s4, s.s5));
        const __m512i negative =
            _mm512_and_si512(_mm512_and_si512(common.a, common.b), _mm512_and_si512(common.c, common.d));
        if (_mm512_movepi32_mask(negative) == 0xffff) {
            std::fill_n(near + r, block, Word{0});
            continue;
        }
        add(s, row, panel, prefix, dimensions, dimensions);
        any |= near[r] = at_least(s.s0, least[r]);
        any |= near[r + 1] = at_least(s.s1, least[r + 1]);
        any |= near[r + 2] = at_least(s.s2, least[r + 2]);
        any |= near[r + 3] = at_least(s.s3, least[r + 3]);
        any |= near[r + 4] = at_least(s.s4, least[r + 4]);
        any |= near[r + 5] = at_least(s.s5, least[r + 5]);
    }
    return any;
}

TARGET void sum(const float* codebooks, const std::uint8_t* code, int width, int dimensions, float* sum) {
    add_up(codebooks, code, width, dimensions, sum);
}

TARGET double inner(const float* one, const float* other, int dimensions) {
    return multiply(one, other, dimensions);
}

#undef TARGET

}  // namespace vnni

namespace avx2 {

#define TARGET __attribute__((target("avx2")))

constexpr int block_rows = 2, vectors = 4, columns_at_once = 8 * vectors;

// Numbers are so small that four products fit into 16 bits.
TARGET INLINE void add(const std::int8_t* rows, const std::uint8_t* panel, int from, int to, int dimensions,
                       __m256i (&sums)[block_rows][vectors]) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (int d = from; d < to; d += Products::group) {
        __m256i row[block_rows][2];
#pragma GCC unroll 2
        for (int r = 0; r < block_rows; ++r)
#pragma GCC unroll 2
            for (int i = 0; i < 2; ++i)
                row[r][i] = _mm256_set1_epi32(four(rows + r * dimensions + d + 4 * i));
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
            const auto* column = reinterpret_cast<const __m256i*>(panel + d * word_codes + 32 * v);
            const __m256i low = _mm256_loadu_si256(column), high = _mm256_loadu_si256(column + 8);
#pragma GCC unroll 2
            for (int r = 0; r < block_rows; ++r) {
                const __m256i four_products = _mm256_add_epi16(_mm256_maddubs_epi16(low, row[r][0]),
                                                               _mm256_maddubs_epi16(high, row[r][1]));
                sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(four_products, ones));
            }
        }
    }
}

TARGET INLINE std::uint32_t at_least(const __m256i (&sums)[vectors], std::int32_t limit) {
    const __m256i below = _mm256_set1_epi32(limit);
    std::uint32_t word = 0;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
        const __m256i less = _mm256_cmpgt_epi32(below, sums[v]);
        word |= (~static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(less))) & 255) << (8 * v);
    }
    return word;
}

TARGET bool near(const std::int8_t* row, int rows, const std::uint8_t* panel, int prefix, int dimensions,
                 const std::int32_t* start, const std::int32_t* least, Word* near) {
    Word any = 0;
    for (int r = 0; r < rows; r += block_rows, row += block_rows * dimensions) {
        for (int i = 0; i < block_rows; ++i) near[r + i] = 0;
        for (int c = 0; c < word_codes; c += columns_at_once) {
            __m256i sums[block_rows][vectors];
#pragma GCC unroll 2
            for (int i = 0; i < block_rows; ++i)
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v) sums[i][v] = _mm256_set1_epi32(start[r + i]);
            add(row, panel + 4 * c, 0, prefix, dimensions, sums);
            Word found = 0;
            for (int i = 0; i < block_rows; ++i) found |= at_least(sums[i], 0);
            if (!found) continue;
            add(row, panel + 4 * c, prefix, dimensions, dimensions, sums);
            for (int i = 0; i < block_rows; ++i)
                any |= near[r + i] |= static_cast<Word>(at_least(sums[i], least[r + i])) << c;
        }
    }
    return any;
}

TARGET void sum(const float* codebooks, const std::uint8_t* code, int width, int dimensions, float* sum) {
    add_up(codebooks, code, width, dimensions, sum);
}

TARGET double inner(const float* one, const float* other, int dimensions) {
    return multiply(one, other, dimensions);
}

#undef TARGET

}  // namespace avx2

#endif  // PHOTOSEARCH_X86

constexpr Products portably = {"portable", 127, 128, portable::near, portable::sum, portable::inner};

}  // namespace

const Products& products_of([[maybe_unused]] const Filter& filter) {
#ifdef PHOTOSEARCH_X86
    static constexpr Products wide = {"vbmi", 127, 128, vnni::near, vnni::sum, vnni::inner};
    static constexpr Products narrow = {"avx2", 63, 64, avx2::near, avx2::sum, avx2::inner};
    const std::string_view name = filter.name;
    // A processor with the one has the other, but for a few of 2018.
    if (name == wide.name) return __builtin_cpu_supports("avx512vnni") ? wide : narrow;
    if (name == narrow.name) return narrow;
#endif
    return portably;
}

}  // namespace photosearch
