// The engine's C++ kernel as a Python module. Its shapes and types are checked by `compiled.py`.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <vector>

#include "filter.hpp"
#include "pool.hpp"
#include "search.hpp"

namespace nb = nanobind;
using namespace photosearch;

namespace {

template <typename Element, int Dimensions>
using Array = nb::ndarray<Element, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;

// Less than this is searched faster by one thread than it is shared out.
constexpr std::int64_t alone_below = 4 << 20;

const Filter& filter_called(const std::string& path) {
    for (const Filter& filter : filters())
        if (path == filter.name) return filter;
    throw nb::value_error(("this processor cannot run the path " + path).c_str());
}

std::vector<std::string> paths() {
    std::vector<std::string> names;
    for (const Filter& filter : filters()) names.emplace_back(filter.name);
    return names;
}

std::vector<std::int64_t> best(const std::string& path, Array<const std::uint8_t, 3> blocks,
                               std::int64_t total, Array<const float, 3> tables,
                               const std::optional<Array<const std::uint8_t, 1>>& allowed, bool whole,
                               double floor, Array<std::int64_t, 2> positions, Array<float, 2> scores) {
    const auto queries = static_cast<std::int64_t>(tables.shape(0));
    const auto codebooks = static_cast<std::int64_t>(blocks.shape(1));
    const auto wanted = static_cast<std::int64_t>(positions.shape(1));
    if (codebooks < 1 || blocks.shape(2) != block_codes || tables.shape(1) != blocks.shape(1) ||
        tables.shape(2) != codewords || total < 0 ||
        (total + block_codes - 1) / block_codes != static_cast<std::int64_t>(blocks.shape(0)) ||
        (allowed && static_cast<std::int64_t>(allowed->shape(0)) != total) ||
        positions.shape(0) != tables.shape(0) || scores.shape(0) != tables.shape(0) ||
        scores.shape(1) != positions.shape(1))
        throw nb::value_error("arrays do not fit together");
    const Filter& filter = filter_called(path);
    std::vector<Search> searches;
    for (std::int64_t query = 0; query < queries; ++query)
        searches.push_back({blocks.data(), total, static_cast<int>(codebooks),
                            tables.data() + query * codebooks * codewords, wanted,
                            allowed ? allowed->data() : nullptr, whole, static_cast<float>(floor),
                            positions.data() + query * wanted, scores.data() + query * wanted});
    const nb::gil_scoped_release others_may_run;
    const int threads = queries * total * codebooks < alone_below ? 1 : available_threads();
    return find_best(searches, filter, threads);
}

}  // namespace

NB_MODULE(kernel, module) {
    module.def("paths", &paths);
    module.def("describe",
               [](const std::string& path) { return std::string(filter_called(path).description); });
    module.def("best", &best, nb::arg("path"), nb::arg("blocks").noconvert(), nb::arg("total"),
               nb::arg("tables").noconvert(), nb::arg("allowed").noconvert().none(), nb::arg("whole"),
               nb::arg("floor"), nb::arg("positions").noconvert(), nb::arg("scores").noconvert());
}
