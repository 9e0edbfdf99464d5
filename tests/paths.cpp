// Each instruction set of a processor finds what the portable one finds: for an emulator, where there is no
// Python.
//
// aarch64-linux-gnu-g++ -std=c++17 -O3 -ffp-contract=off -static -pthread -Iphotosearch/engine -o /tmp/paths
//     tests/paths.cpp photosearch/engine/{search,filter,pool}.cpp && qemu-aarch64 /tmp/paths
#include <cstdio>
#include <random>

#include "search.hpp"

using namespace photosearch;

int main() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    int wrong = 0, searches = 0;
    for (const std::int64_t total : {1, 63, 64, 65, 1023, 1024, 1025, 70000})
        for (const int width : {1, 4, 8, 16, 32})
            for (const int words : {2, 256})
                for (const bool masked : {false, true}) {
                    const std::int64_t blocks = (total + block_codes - 1) / block_codes;
                    std::vector<std::uint8_t> codes(blocks * width * block_codes);
                    std::vector<Word> allowed((total + word_codes - 1) / word_codes);
                    for (auto& code : codes) code = static_cast<std::uint8_t>(random() % words);
                    for (std::int64_t i = 0; i < total; ++i)
                        if (random() % 50 == 0) allowed[i / word_codes] |= Word{1} << i % word_codes;
                    std::vector<float> tables(width * codewords);
                    for (float& entry : tables) entry = normal(random);
                    std::vector<std::vector<std::int64_t>> positions;
                    std::vector<std::vector<float>> scores;
                    for (const Filter& filter : filters()) {
                        positions.emplace_back(100, -1);
                        scores.emplace_back(100, 0.0f);
                        find_best(
                            {{codes.data(), total, width, tables.data(), std::min<std::int64_t>(100, total),
                              masked ? allowed.data() : nullptr, false, -1e30f, positions.back().data(),
                              scores.back().data(), nullptr, 0, nullptr, nullptr}},
                            filter, 1);
                        ++searches;
                        wrong += positions.back() != positions.front() || scores.back() != scores.front();
                    }
                }
    for (const Filter& filter : filters()) std::printf("%s ", filter.name);
    std::printf("%d searches, %d differ\n", searches, wrong);
    return wrong != 0;
}
