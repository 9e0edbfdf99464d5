#include "filter.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#if defined(__x86_64__) && defined(__GNUC__)
#define PHOTOSEARCH_X86
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__GNUC__)
#define PHOTOSEARCH_NEON
#include <arm_neon.h>
#endif

namespace photosearch {
namespace {

// Whether so few words of a block are allowed that it is faster to look at them one by one.
bool few_words(const Word* allowed) {
    if (!allowed) return false;
    int some = 0;
    for (int w = 0; w < block_words && some <= block_words / 4; ++w) some += allowed[w] != 0;
    return some <= block_words / 4;
}

#ifdef __GNUC__
#define INLINE inline __attribute__((always_inline))
#else
#define INLINE inline
#endif

// What follows is for the compiler to make the best of for the instructions that the caller is compiled for.

constexpr int lanes = 16;

INLINE Extent extent_of(const float* table) {
    float least[lanes], most[lanes], sum[lanes] = {};
    std::copy_n(table, lanes, least);
    std::copy_n(table, lanes, most);
    for (int k = 0; k < codewords; k += lanes)
        for (int i = 0; i < lanes; ++i) {
            least[i] = std::min(least[i], table[k + i]);
            most[i] = std::max(most[i], table[k + i]);
            sum[i] += table[k + i] / codewords;
        }
    return {*std::min_element(least, least + lanes), *std::max_element(most, most + lanes),
            std::accumulate(sum, sum + lanes, 0.0f)};
}

INLINE void round_down(const float* table, float best, float scale, std::uint8_t* bytes) {
    for (int k = 0; k < codewords; ++k)
        bytes[k] = static_cast<std::uint8_t>(static_cast<int>(std::min(255.0f, (best - table[k]) * scale)));
}

template <typename Bits>
INLINE std::int64_t population_of(const Word* words, std::int64_t n, const Bits& bits) {
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < n; ++i) found += bits(words[i]);
    return found;
}

// Of a word some places are written at once, needed or not: how many it has the processor cannot foretell.
template <typename Bits>
INLINE int list_of(const Word* allowed, std::int64_t start, std::int64_t* places, const Bits& bits) {
    const auto count = static_cast<int>(population_of(allowed, block_words, bits));
    if (count > few) return count;
    for (int w = 0; w < block_words; ++w, start += word_codes) {
        const int here = bits(allowed[w]);
        Word word = allowed[w];
        int done = 0;
        do {
            for (int i = 0; i < 2; ++i, word &= word - 1)
                places[done + i] = start + lowest_bit(word | Word{1} << 63);
            done += 2;
        } while (done < here);
        places += here;
    }
    return count;
}

// Makes tables by what makes one of numbers of half precision, and of floats.
template <auto OfHalves, auto OfFloats>
void fill(const Codebooks& books, const float* query, float* tables) {
    for (int m = 0; m < books.count; ++m) {
        const std::int64_t start = static_cast<std::int64_t>(m) * books.used;
        const std::int32_t* dimensions = books.dimensions + start;
        float* table = tables + m * codewords;
        if (books.halves)
            OfHalves(books.halves + start * codewords, dimensions, books.used, query, table);
        else
            OfFloats(books.floats + start * codewords, dimensions, books.used, query, table);
    }
}

namespace portable {

// A finite number in half precision. Its exponent is 112 too small where a float's is.
float number(std::uint16_t half) {
    const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7fff) << 13;
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
    float scaled;
    std::memcpy(&scaled, &magnitude, sizeof scaled);
    scaled *= 0x1p112f;
    std::uint32_t bits;
    std::memcpy(&bits, &scaled, sizeof bits);
    bits |= sign;
    std::memcpy(&scaled, &bits, sizeof scaled);
    return scaled;
}

float number(float number) { return number; }

template <typename Number>
void add_products(const Number* codebook, const std::int32_t* dimensions, int used, const float* query,
                  float* table) {
    std::fill_n(table, codewords, 0.0f);
    for (int d = 0; d < used; ++d, codebook += codewords)
        for (int k = 0; k < codewords; ++k) table[k] += query[dimensions[d]] * number(codebook[k]);
}

Extent extent(const float* table) { return extent_of(table); }

void round(const float* table, float best, float scale, std::uint8_t* bytes) {
    round_down(table, best, scale, bytes);
}

// Sums of `Codes` codes, run by run as they lie in memory.
template <int Codes>
void add(const std::uint8_t* codes, int codebooks, const std::uint8_t* tables, std::uint16_t* sums) {
    std::fill_n(sums, Codes, std::uint16_t{0});
    for (int m = 0; m < codebooks; ++m, codes += block_codes, tables += codewords)
        for (int i = 0; i < Codes; ++i) sums[i] = static_cast<std::uint16_t>(sums[i] + tables[codes[i]]);
}

void sums(const std::uint8_t* const* words, int codebooks, const std::uint8_t* tables, std::uint8_t* sums) {
    for (int w = 0; w < words_at_once; ++w, sums += word_codes) {
        std::uint16_t wide[word_codes];
        add<word_codes>(words[w], codebooks, tables, wide);
        for (int i = 0; i < word_codes; ++i)
            sums[i] = static_cast<std::uint8_t>(std::min<std::uint16_t>(wide[i], 255));
    }
}

void survivors(const std::uint8_t* block, const std::uint8_t*, int codebooks, const std::uint8_t* tables,
               std::uint8_t limit, const Word* allowed, Word* survivors) {
    std::uint16_t wide[block_codes];
    if (!few_words(allowed)) add<block_codes>(block, codebooks, tables, wide);
    for (int w = 0; w < block_words; ++w) {
        survivors[w] = 0;
        std::uint16_t* word = wide + w * word_codes;
        if (allowed && !allowed[w]) continue;
        if (few_words(allowed)) add<word_codes>(block + w * word_codes, codebooks, tables, word);
        // A limit of 255 passes every sum, as it does where sums are bytes.
        for (int i = 0; i < word_codes; ++i)
            survivors[w] |= static_cast<Word>(limit == 255 || word[i] <= limit) << i;
        if (allowed) survivors[w] &= allowed[w];
    }
}

std::int64_t count(const std::uint8_t* bytes, std::int64_t n, std::uint8_t limit) {
    return std::count_if(bytes, bytes + n, [limit](std::uint8_t byte) { return byte <= limit; });
}

// Bits counted in pairs, these in fours, these in bytes, whose sum the product has in its highest byte.
int bits(Word word) {
    word -= (word >> 1) & 0x5555555555555555;
    word = (word & 0x3333333333333333) + ((word >> 2) & 0x3333333333333333);
    return static_cast<int>((((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101) >> 56);
}

std::int64_t population(const Word* words, std::int64_t n) { return population_of(words, n, bits); }

int list(const Word* allowed, std::int64_t start, std::int64_t* places) {
    return list_of(allowed, start, places, bits);
}

}  // namespace portable

#ifdef PHOTOSEARCH_X86

// How far ahead codebooks are asked for; the processor's own prefetching stops at the end of a page.
constexpr int ahead = 8192;

namespace vbmi {

#define TARGET \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,bmi,popcnt")))

TARGET INLINE __m512 numbers(const std::uint16_t* halves) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(halves)));
}

TARGET INLINE __m512 numbers(const float* floats) { return _mm512_loadu_ps(floats); }

template <typename Number>
TARGET void add_products(const Number* codebook, const std::int32_t* dimensions, int used, const float* query,
                         float* table) {
    constexpr int vectors = codewords / 16;
    __m512 sums[vectors];
#pragma GCC unroll 16
    for (int v = 0; v < vectors; ++v) sums[v] = _mm512_setzero_ps();
    for (int d = 0; d < used; ++d, codebook += codewords) {
        const __m512 factor = _mm512_set1_ps(query[dimensions[d]]);
#pragma GCC unroll 16
        for (int v = 0; v < vectors; ++v) {
            // Where the scan has pushed the codebooks out of the nearest cache.
            if (v * 16 * sizeof(Number) % 64 == 0)
                _mm_prefetch(reinterpret_cast<const char*>(codebook + v * 16) + ahead, _MM_HINT_T0);
            sums[v] = _mm512_add_ps(sums[v], _mm512_mul_ps(factor, numbers(codebook + v * 16)));
        }
    }
#pragma GCC unroll 16
    for (int v = 0; v < vectors; ++v) _mm512_storeu_ps(table + v * 16, sums[v]);
}

TARGET Extent extent(const float* table) {
    __m512 least = _mm512_loadu_ps(table), most = least, sum = _mm512_setzero_ps();
    for (int k = 0; k < codewords; k += 16) {
        const __m512 entries = _mm512_loadu_ps(table + k);
        least = _mm512_min_ps(least, entries);
        most = _mm512_max_ps(most, entries);
        sum = _mm512_add_ps(sum, _mm512_mul_ps(entries, _mm512_set1_ps(1.0f / codewords)));
    }
    return {_mm512_reduce_min_ps(least), _mm512_reduce_max_ps(most), _mm512_reduce_add_ps(sum)};
}

TARGET void round(const float* table, float best, float scale, std::uint8_t* bytes) {
    round_down(table, best, scale, bytes);
}

// A table of 256 bytes is four registers: one permutation looks seven bits of a code up in two of them, and
// the code's highest bit says which of two such answers counts.
struct Table {
    TARGET INLINE explicit Table(const std::uint8_t* bytes)
        : part0(_mm512_load_si512(bytes)),
          part1(_mm512_load_si512(bytes + 64)),
          part2(_mm512_load_si512(bytes + 128)),
          part3(_mm512_load_si512(bytes + 192)) {}

    TARGET INLINE __m512i entries(__m512i codes) const {
        const __m512i low = _mm512_permutex2var_epi8(part0, codes, part1);
        const __m512i high = _mm512_permutex2var_epi8(part2, codes, part3);
        return _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), low, high);
    }

    __m512i part0, part1, part2, part3;
};

// Sums of `Vectors` times 64 codes, kept in registers.
template <int Vectors>
TARGET inline __attribute__((always_inline)) void add(const std::uint8_t* codes, const std::uint8_t* next,
                                                      int codebooks, const std::uint8_t* tables,
                                                      __m512i* sums) {
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; ++v) sums[v] = _mm512_setzero_si512();
    for (int m = 0; m < codebooks; ++m, codes += block_codes, next += block_codes, tables += codewords) {
        const Table table(tables);
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
            const __m512i code = _mm512_loadu_si512(codes + v * word_codes);
            if (Vectors == block_words)
                _mm_prefetch(reinterpret_cast<const char*>(next) + v * word_codes, _MM_HINT_T0);
            sums[v] = _mm512_adds_epu8(sums[v], table.entries(code));
        }
    }
}

TARGET void sums(const std::uint8_t* const* words, int codebooks, const std::uint8_t* tables,
                 std::uint8_t* sums) {
    __m512i found[words_at_once];
#pragma GCC unroll 4
    for (int w = 0; w < words_at_once; ++w) found[w] = _mm512_setzero_si512();
    for (int m = 0; m < codebooks; ++m) {
        const Table table(tables + m * codewords);
#pragma GCC unroll 4
        for (int w = 0; w < words_at_once; ++w)
            found[w] =
                _mm512_adds_epu8(found[w], table.entries(_mm512_loadu_si512(words[w] + m * block_codes)));
    }
#pragma GCC unroll 4
    for (int w = 0; w < words_at_once; ++w) _mm512_storeu_si512(sums + w * word_codes, found[w]);
}

TARGET void survivors(const std::uint8_t* block, const std::uint8_t* next, int codebooks,
                      const std::uint8_t* tables, std::uint8_t limit, const Word* allowed, Word* survivors) {
    const __m512i limits = _mm512_set1_epi8(static_cast<char>(limit));
    if (few_words(allowed)) {
        for (int w = 0; w < block_words; ++w) {
            survivors[w] = 0;
            if (!allowed[w]) continue;
            __m512i sum;
            add<1>(block + w * word_codes, next, codebooks, tables, &sum);
            survivors[w] = _mm512_cmple_epu8_mask(sum, limits) & allowed[w];
        }
        return;
    }
    __m512i sums[block_words];
    add<block_words>(block, next, codebooks, tables, sums);
#pragma GCC unroll 16
    for (int w = 0; w < block_words; ++w) survivors[w] = _mm512_cmple_epu8_mask(sums[w], limits);
    if (allowed)
        for (int w = 0; w < block_words; ++w) survivors[w] &= allowed[w];
}

TARGET std::int64_t count(const std::uint8_t* bytes, std::int64_t n, std::uint8_t limit) {
    const __m512i limits = _mm512_set1_epi8(static_cast<char>(limit));
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < n; i += 64)
        found += _mm_popcnt_u64(_mm512_cmple_epu8_mask(_mm512_loadu_si512(bytes + i), limits));
    return found;
}

TARGET INLINE int bits(Word word) { return static_cast<int>(_mm_popcnt_u64(word)); }

TARGET std::int64_t population(const Word* words, std::int64_t n) {
    __m512i found = _mm512_setzero_si512();
    std::int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        found = _mm512_add_epi64(found, _mm512_popcnt_epi64(_mm512_loadu_si512(words + i)));
    return _mm512_reduce_add_epi64(found) +
           population_of(words + i, n - i, [](Word word) TARGET { return bits(word); });
}

TARGET int list(const Word* allowed, std::int64_t start, std::int64_t* places) {
    const auto count = static_cast<int>(population(allowed, block_words));
    if (count > few) return count;
    const __m512i all = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38,
        37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12,
        11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    for (int w = 0; w < block_words; ++w, start += word_codes) {
        const int here = bits(allowed[w]);
        __m512i found = _mm512_maskz_compress_epi8(allowed[w], all);
        // Eight places are written at once, needed or not: how many there are the processor cannot foretell.
        for (int done = 0;;) {
            const __m512i eight = _mm512_cvtepu8_epi64(_mm512_castsi512_si128(found));
            _mm512_storeu_si512(places + done, _mm512_add_epi64(eight, _mm512_set1_epi64(start)));
            if ((done += 8) >= here) break;
            found = _mm512_alignr_epi64(found, found, 1);
        }
        places += here;
    }
    return count;
}

#undef TARGET

}  // namespace vbmi

namespace avx2 {

#define TARGET __attribute__((target("avx2,f16c,bmi,popcnt")))

TARGET INLINE __m256 numbers(const std::uint16_t* halves) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(halves)));
}

TARGET INLINE __m256 numbers(const float* floats) { return _mm256_loadu_ps(floats); }

template <typename Number>
TARGET void add_products(const Number* codebook, const std::int32_t* dimensions, int used, const float* query,
                         float* table) {
    constexpr int vectors = 8, at_once = 8 * vectors;
    for (int k = 0; k < codewords; k += at_once) {
        __m256 sums[vectors];
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) sums[v] = _mm256_setzero_ps();
        for (int d = 0; d < used; ++d) {
            const __m256 factor = _mm256_set1_ps(query[dimensions[d]]);
            const Number* part = codebook + d * codewords + k;
#pragma GCC unroll 8
            for (int v = 0; v < vectors; ++v)
                sums[v] = _mm256_add_ps(sums[v], _mm256_mul_ps(factor, numbers(part + v * 8)));
        }
#pragma GCC unroll 8
        for (int v = 0; v < vectors; ++v) _mm256_storeu_ps(table + k + v * 8, sums[v]);
    }
}

TARGET Extent extent(const float* table) { return extent_of(table); }

TARGET void round(const float* table, float best, float scale, std::uint8_t* bytes) {
    round_down(table, best, scale, bytes);
}

// The table entries of 32 codes. Sixteen shuffles look the low four bits of a code up in each sixteenth of
// the table; a tree of blends, each by one of the high four bits, keeps the right one.
TARGET inline __attribute__((always_inline)) __m256i entries(__m256i code, const std::uint8_t* table) {
    const __m256i index = _mm256_and_si256(code, _mm256_set1_epi8(15));
    // A blend looks at the highest bit of a byte only, so what shifting carries over from the next byte is
    // ignored.
    const __m256i bit4 = _mm256_slli_epi16(code, 3), bit5 = _mm256_slli_epi16(code, 2);
    const __m256i bit6 = _mm256_slli_epi16(code, 1);
    __m256i of_bit7[2];
#pragma GCC unroll 2
    for (int a = 0; a < 2; ++a) {
        __m256i of_bit6[2];
#pragma GCC unroll 2
        for (int b = 0; b < 2; ++b) {
            __m256i of_bit5[2];
#pragma GCC unroll 2
            for (int c = 0; c < 2; ++c) {
                const std::uint8_t* part = table + 128 * a + 64 * b + 32 * c;
                const auto sixteenth = [part](int which) TARGET {
                    return _mm256_broadcastsi128_si256(
                        _mm_load_si128(reinterpret_cast<const __m128i*>(part) + which));
                };
                of_bit5[c] = _mm256_blendv_epi8(_mm256_shuffle_epi8(sixteenth(0), index),
                                                _mm256_shuffle_epi8(sixteenth(1), index), bit4);
            }
            of_bit6[b] = _mm256_blendv_epi8(of_bit5[0], of_bit5[1], bit5);
        }
        of_bit7[a] = _mm256_blendv_epi8(of_bit6[0], of_bit6[1], bit6);
    }
    return _mm256_blendv_epi8(of_bit7[0], of_bit7[1], code);
}

TARGET inline __m256i load(const std::uint8_t* bytes) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

// Sums of `Codes` codes, run by run as they lie in memory.
template <int Codes>
TARGET void add(const std::uint8_t* codes, const std::uint8_t* next, int codebooks,
                const std::uint8_t* tables, std::uint8_t* sums) {
    std::fill_n(sums, Codes, std::uint8_t{0});
    for (int m = 0; m < codebooks; ++m, codes += block_codes, next += block_codes, tables += codewords)
        for (int i = 0; i < Codes; i += 32) {
            if (Codes == block_codes && i % 64 == 0)
                _mm_prefetch(reinterpret_cast<const char*>(next) + i, _MM_HINT_T0);
            const __m256i sum = _mm256_adds_epu8(load(sums + i), entries(load(codes + i), tables));
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + i), sum);
        }
}

TARGET void sums(const std::uint8_t* const* words, int codebooks, const std::uint8_t* tables,
                 std::uint8_t* sums) {
    for (int w = 0; w < words_at_once; ++w)
        add<word_codes>(words[w], words[w], codebooks, tables, sums + w * word_codes);
}

TARGET inline Word at_most(const std::uint8_t* bytes, __m256i limits) {
    const auto half = [limits](__m256i sum) TARGET {
        return static_cast<std::uint32_t>(
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(sum, limits), sum)));
    };
    return half(load(bytes)) | static_cast<Word>(half(load(bytes + 32))) << 32;
}

TARGET void survivors(const std::uint8_t* block, const std::uint8_t* next, int codebooks,
                      const std::uint8_t* tables, std::uint8_t limit, const Word* allowed, Word* survivors) {
    const __m256i limits = _mm256_set1_epi8(static_cast<char>(limit));
    std::uint8_t sums[block_codes];
    if (!few_words(allowed)) add<block_codes>(block, next, codebooks, tables, sums);
    for (int w = 0; w < block_words; ++w) {
        survivors[w] = 0;
        std::uint8_t* word = sums + w * word_codes;
        if (allowed && !allowed[w]) continue;
        if (few_words(allowed)) add<word_codes>(block + w * word_codes, next, codebooks, tables, word);
        survivors[w] = at_most(word, limits);
        if (allowed) survivors[w] &= allowed[w];
    }
}

TARGET std::int64_t count(const std::uint8_t* bytes, std::int64_t n, std::uint8_t limit) {
    const __m256i limits = _mm256_set1_epi8(static_cast<char>(limit));
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < n; i += 64) found += _mm_popcnt_u64(at_most(bytes + i, limits));
    return found;
}

TARGET INLINE int bits(Word word) { return static_cast<int>(_mm_popcnt_u64(word)); }

TARGET std::int64_t population(const Word* words, std::int64_t n) {
    return population_of(words, n, [](Word word) TARGET { return bits(word); });
}

TARGET int list(const Word* allowed, std::int64_t start, std::int64_t* places) {
    return list_of(allowed, start, places, [](Word word) TARGET { return bits(word); });
}

#undef TARGET

}  // namespace avx2

#endif  // PHOTOSEARCH_X86

#ifdef PHOTOSEARCH_NEON

namespace neon {

// Adds the entries of one table to the sums of `Codes` codes. A look-up knows 64 entries; those of a code
// that is not among them stay as they are.
template <int Codes>
void add(const std::uint8_t* codes, int codebooks, const std::uint8_t* tables, std::uint8_t* sums) {
    std::fill_n(sums, Codes, std::uint8_t{0});
    for (int m = 0; m < codebooks; ++m, codes += block_codes, tables += codewords) {
        const uint8x16x4_t part0 = vld1q_u8_x4(tables), part1 = vld1q_u8_x4(tables + 64);
        const uint8x16x4_t part2 = vld1q_u8_x4(tables + 128), part3 = vld1q_u8_x4(tables + 192);
        const uint8x16_t step = vdupq_n_u8(64);
        for (int i = 0; i < Codes; i += 16) {
            uint8x16_t code = vld1q_u8(codes + i);
            uint8x16_t entry = vqtbl4q_u8(part0, code);
            entry = vqtbx4q_u8(entry, part1, code = vsubq_u8(code, step));
            entry = vqtbx4q_u8(entry, part2, code = vsubq_u8(code, step));
            entry = vqtbx4q_u8(entry, part3, vsubq_u8(code, step));
            vst1q_u8(sums + i, vqaddq_u8(vld1q_u8(sums + i), entry));
        }
    }
}

void sums(const std::uint8_t* const* words, int codebooks, const std::uint8_t* tables, std::uint8_t* sums) {
    for (int w = 0; w < words_at_once; ++w)
        add<word_codes>(words[w], codebooks, tables, sums + w * word_codes);
}

Word at_most(const std::uint8_t* bytes, std::uint8_t limit) {
    Word word = 0;
    for (int i = 0; i < word_codes; ++i) word |= static_cast<Word>(bytes[i] <= limit) << i;
    return word;
}

void survivors(const std::uint8_t* block, const std::uint8_t*, int codebooks, const std::uint8_t* tables,
               std::uint8_t limit, const Word* allowed, Word* survivors) {
    std::uint8_t sums[block_codes];
    if (!few_words(allowed)) add<block_codes>(block, codebooks, tables, sums);
    const uint8x16_t limits = vdupq_n_u8(limit);
    for (int w = 0; w < block_words; ++w) {
        survivors[w] = 0;
        std::uint8_t* word = sums + w * word_codes;
        if (allowed && !allowed[w]) continue;
        if (few_words(allowed)) add<word_codes>(block + w * word_codes, codebooks, tables, word);
        uint8x16_t most = vdupq_n_u8(0);
        for (int i = 0; i < word_codes; i += 16) most = vorrq_u8(most, vcleq_u8(vld1q_u8(word + i), limits));
        // Most words have no survivor.
        if (!vmaxvq_u8(most)) continue;
        survivors[w] = at_most(word, limit);
        if (allowed) survivors[w] &= allowed[w];
    }
}

}  // namespace neon

#endif  // PHOTOSEARCH_NEON

}  // namespace

const std::vector<Filter>& filters() {
    static const std::vector<Filter> found = [] {
        std::vector<Filter> filters;
#ifdef PHOTOSEARCH_X86
        __builtin_cpu_init();
        if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512vpopcntdq"))
            filters.push_back({"vbmi", "AVX-512 VBMI",
                               fill<vbmi::add_products<std::uint16_t>, vbmi::add_products<float>>,
                               vbmi::extent, vbmi::round, vbmi::survivors, vbmi::sums, vbmi::count,
                               vbmi::population, vbmi::list});
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi"))
            filters.push_back({"avx2", "AVX2",
                               fill<avx2::add_products<std::uint16_t>, avx2::add_products<float>>,
                               avx2::extent, avx2::round, avx2::survivors, avx2::sums, avx2::count,
                               avx2::population, avx2::list});
#endif
#ifdef PHOTOSEARCH_NEON
        // The compiler makes the rest of it.
        filters.push_back({"neon", "NEON",
                           fill<portable::add_products<std::uint16_t>, portable::add_products<float>>,
                           portable::extent, portable::round, neon::survivors, neon::sums, portable::count,
                           portable::population, portable::list});
#endif
        filters.push_back({"portable", "portable instructions",
                           fill<portable::add_products<std::uint16_t>, portable::add_products<float>>,
                           portable::extent, portable::round, portable::survivors, portable::sums,
                           portable::count, portable::population, portable::list});
        return filters;
    }();
    return found;
}

}  // namespace photosearch
