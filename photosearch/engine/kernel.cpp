// The engine's C++ kernel as a Python module. Its shapes and types are checked by `compiled.py`.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "filter.hpp"
#include "pairs.hpp"
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

// All pairs above a threshold, fetched some at a time. Whoever made it keeps its arrays alive.
class Pairs {
public:
    Pairs(const std::string& path, Array<const std::uint8_t, 3> blocks, std::int64_t total,
          Array<const float, 3> codebooks, Array<const float, 3> turned, double error, double spread,
          int prefix, double floor, std::int64_t since)
        : scan_(search(path, blocks, total, codebooks, turned, error, spread, prefix, floor, since),
                products_of(filter_called(path)), available_threads()) {}

    std::int64_t fetch(Array<std::int64_t, 1> first, Array<std::int64_t, 1> second, Array<float, 1> scores) {
        const auto room = first.shape(0);
        if (room < 1 || second.shape(0) != room || scores.shape(0) != room)
            throw nb::value_error("arrays do not fit together");
        if (fetched_ == scan_.found().size()) {
            if (!more_) return -1;
            const nb::gil_scoped_release others_may_run;
            fetched_ = 0;
            more_ = scan_.look_on();
        }
        const std::size_t count = std::min(room, scan_.found().size() - fetched_);
        for (std::size_t i = 0; i < count; ++i) {
            const Pair& pair = scan_.found()[fetched_++];
            first.data()[i] = pair.first;
            second.data()[i] = pair.second;
            scores.data()[i] = pair.score;
        }
        return static_cast<std::int64_t>(count);
    }

private:
    static PairSearch search(const std::string& path, const Array<const std::uint8_t, 3>& blocks,
                             std::int64_t total, const Array<const float, 3>& codebooks,
                             const Array<const float, 3>& turned, double error, double spread, int prefix,
                             double floor, std::int64_t since) {
        const auto dimensions = static_cast<int>(codebooks.shape(2));
        for (int axis = 0; axis < 3; ++axis)
            if (codebooks.shape(axis) != turned.shape(axis))
                throw nb::value_error("arrays do not fit together");
        if (blocks.shape(2) != block_codes || codebooks.shape(0) != blocks.shape(1) ||
            codebooks.shape(1) != codewords || total < 0 ||
            (total + block_codes - 1) / block_codes != static_cast<std::int64_t>(blocks.shape(0)) ||
            dimensions % Products::group || prefix % Products::group || prefix < 0 || prefix > dimensions ||
            !(error >= 0) || !(spread > 0) || since < 0)
            throw nb::value_error("arrays do not fit together");
        const double scale = products_of(filter_called(path)).most / spread;
        return {blocks.data(),
                total,
                static_cast<int>(blocks.shape(1)),
                codebooks.data(),
                turned.data(),
                dimensions,
                error,
                scale,
                prefix,
                static_cast<float>(floor),
                since};
    }

    PairScan scan_;
    std::size_t fetched_ = 0;
    bool more_ = true;
};

}  // namespace

NB_MODULE(kernel, module) {
    module.def("paths", &paths);
    module.def("describe",
               [](const std::string& path) { return std::string(filter_called(path).description); });
    module.def("best", &best, nb::arg("path"), nb::arg("blocks").noconvert(), nb::arg("total"),
               nb::arg("tables").noconvert(), nb::arg("allowed").noconvert().none(), nb::arg("whole"),
               nb::arg("floor"), nb::arg("positions").noconvert(), nb::arg("scores").noconvert());
    module.attr("GROUP") = Products::group;
    nb::class_<Pairs>(module, "Pairs")
        .def(nb::init<const std::string&, Array<const std::uint8_t, 3>, std::int64_t, Array<const float, 3>,
                      Array<const float, 3>, double, double, int, double, std::int64_t>(),
             nb::arg("path"), nb::arg("blocks").noconvert(), nb::arg("total"),
             nb::arg("codebooks").noconvert(), nb::arg("turned").noconvert(), nb::arg("error"),
             nb::arg("spread"), nb::arg("prefix"), nb::arg("floor"), nb::arg("since"))
        .def("fetch", &Pairs::fetch, nb::arg("first").noconvert(), nb::arg("second").noconvert(),
             nb::arg("scores").noconvert());
}
