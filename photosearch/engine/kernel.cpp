// The engine's C++ kernel as a Python module. Its shapes and types are checked by `compiled.py`.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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

using Blocks = Array<const std::uint8_t, 3>;
using Allowed = std::optional<Array<const std::uint64_t, 1>>;
using Cancelled = std::optional<Array<const bool, 1>>;
using Positions = Array<std::int64_t, 2>;
using Scores = Array<float, 2>;

[[noreturn]] void refuse() { throw nb::value_error("arrays do not fit together"); }

// A search with tables that are not there yet.
Search search(const Blocks& blocks, std::int64_t total, const Allowed& allowed, double floor,
              const Cancelled& cancelled, const Positions& positions, const Scores& scores) {
    if (blocks.shape(1) < 1 || blocks.shape(2) != block_codes || total < 0 ||
        (total + block_codes - 1) / block_codes != static_cast<std::int64_t>(blocks.shape(0)) ||
        (allowed && static_cast<std::int64_t>(allowed->shape(0)) != (total + word_codes - 1) / word_codes) ||
        (cancelled && cancelled->shape(0) != 1) || scores.shape(0) != positions.shape(0) ||
        scores.shape(1) != positions.shape(1))
        refuse();
    return {blocks.data(),
            total,
            static_cast<int>(blocks.shape(1)),
            nullptr,
            static_cast<std::int64_t>(positions.shape(1)),
            allowed ? allowed->data() : nullptr,
            false,
            static_cast<float>(floor),
            positions.data(),
            scores.data(),
            nullptr,
            0,
            nullptr,
            cancelled ? cancelled->data() : nullptr};
}

// The answers to a search by each of some tables, written one after the other.
std::vector<std::int64_t> answers(const Search& search, const float* tables, std::int64_t queries, bool whole,
                                  const Filter& filter) {
    std::vector<Search> searches(queries, search);
    for (std::int64_t query = 0; query < queries; ++query) {
        searches[query].tables = tables + query * search.codebooks * codewords;
        searches[query].whole = whole;
        searches[query].positions += query * search.wanted;
        searches[query].scores += query * search.wanted;
        searches[query].query += query * search.dimensions;
    }
    std::int64_t looked_at = search.total;
    if (search.allowed) {
        const std::int64_t words = (search.total + word_codes - 1) / word_codes;
        // A code that is looked at by itself takes as long as some that lie side by side.
        looked_at = std::min(looked_at, 16 * filter.population(search.allowed, words));
    }
    const int threads = queries * looked_at * search.codebooks < alone_below ? 1 : available_threads();
    return find_best(searches, filter, threads);
}

std::vector<std::int64_t> best(const std::string& path, Blocks blocks, std::int64_t total,
                               const std::optional<Array<const std::uint16_t, 3>>& halves,
                               const std::optional<Array<const float, 3>>& floats,
                               Array<const std::int32_t, 2> dimensions, Array<const float, 2> queries,
                               const Allowed& allowed, double floor, const Cancelled& cancelled,
                               const std::optional<Array<const std::uint16_t, 3>>& directions,
                               const std::optional<Array<const float, 2>>& cones, double error,
                               Positions positions, Scores scores) {
    Search one = search(blocks, total, allowed, floor, cancelled, positions, scores);
    one.query = queries.data();
    one.dimensions = static_cast<int>(queries.shape(1));
    std::vector<std::int32_t> all(queries.shape(1));
    std::iota(all.begin(), all.end(), 0);
    Bounds bounds{};
    std::vector<std::int32_t> of_directions;
    if (directions && cones) {
        const std::size_t count = cones->shape(1);
        if (cones->shape(0) != 7 || count > blocks.shape(0) || directions->shape(1) != queries.shape(1) ||
            directions->shape(2) != codewords || directions->shape(0) * codewords < count)
            refuse();
        for (std::size_t i = 0; i < directions->shape(0); ++i)
            of_directions.insert(of_directions.end(), all.begin(), all.end());
        bounds = {{directions->data(), nullptr, of_directions.data(), static_cast<int>(directions->shape(0)),
                   one.dimensions},
                  cones->data(),
                  static_cast<std::int64_t>(count),
                  error};
        one.bounds = &bounds;
    }
    const auto fits = [&](const auto& codebooks) {
        return codebooks.shape(0) == blocks.shape(1) && codebooks.shape(1) == dimensions.shape(1) &&
               codebooks.shape(2) == codewords;
    };
    if (halves.has_value() == floats.has_value() || (halves && !fits(*halves)) ||
        (floats && !fits(*floats)) || dimensions.shape(0) != blocks.shape(1) ||
        queries.shape(0) != positions.shape(0))
        refuse();
    for (std::size_t i = 0; i < dimensions.size(); ++i)
        if (dimensions.data()[i] < 0 || dimensions.data()[i] >= static_cast<std::int64_t>(queries.shape(1)))
            refuse();
    const Codebooks codebooks{halves ? halves->data() : nullptr, floats ? floats->data() : nullptr,
                              dimensions.data(), one.codebooks, static_cast<int>(dimensions.shape(1))};
    const Filter& filter = filter_called(path);
    const auto size = static_cast<std::int64_t>(one.codebooks) * codewords;
    std::vector<std::int64_t> found;
    bool finite = true;
    {
        const nb::gil_scoped_release others_may_run;
        std::vector<float> tables(queries.shape(0) * size);
        for (std::size_t query = 0; query < queries.shape(0) && !is_cancelled(one); ++query)
            filter.fill(codebooks, queries.data() + query * queries.shape(1), &tables[query * size]);
        // Where codebooks are zero, tables do not tell of a query that is not finite.
        for (std::size_t i = 0; i < queries.size(); ++i) finite &= std::isfinite(queries.data()[i]);
        for (std::size_t start = 0; start < tables.size(); start += codewords)
            finite &= std::isfinite(filter.extent(&tables[start]).mean);
        if (finite) found = answers(one, tables.data(), queries.shape(0), false, filter);
    }
    if (!finite) throw nb::value_error("codebooks, queries and weights must be finite");
    return found;
}

std::vector<std::int64_t> best_of_tables(const std::string& path, Blocks blocks, std::int64_t total,
                                         Array<const float, 3> tables, const Allowed& allowed,
                                         const Cancelled& cancelled,
                                         Positions positions, Scores scores) {
    constexpr float all = -std::numeric_limits<float>::infinity();
    const Search one = search(blocks, total, allowed, all, cancelled, positions, scores);
    if (tables.shape(0) != positions.shape(0) || tables.shape(1) != blocks.shape(1) ||
        tables.shape(2) != codewords)
        refuse();
    const Filter& filter = filter_called(path);
    const nb::gil_scoped_release others_may_run;
    return answers(one, tables.data(), tables.shape(0), true, filter);
}

// All pairs above a threshold, fetched some at a time. Whoever made it keeps its arrays alive.
class Pairs {
public:
    Pairs(const std::string& path, Blocks blocks, std::int64_t total, Array<const float, 3> codebooks,
          Array<const float, 3> turned, double error, double spread, int prefix, double floor,
          std::int64_t since)
        : scan_(search(path, blocks, total, codebooks, turned, error, spread, prefix, floor, since),
                products_of(filter_called(path)), available_threads()) {}

    std::int64_t fetch(Array<std::int64_t, 1> first, Array<std::int64_t, 1> second, Array<float, 1> scores) {
        const auto room = first.shape(0);
        if (room < 1 || second.shape(0) != room || scores.shape(0) != room) refuse();
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
    static PairSearch search(const std::string& path, const Blocks& blocks, std::int64_t total,
                             const Array<const float, 3>& codebooks, const Array<const float, 3>& turned,
                             double error, double spread, int prefix, double floor, std::int64_t since) {
        const auto dimensions = static_cast<int>(codebooks.shape(2));
        for (int axis = 0; axis < 3; ++axis)
            if (codebooks.shape(axis) != turned.shape(axis)) refuse();
        if (blocks.shape(2) != block_codes || codebooks.shape(0) != blocks.shape(1) ||
            codebooks.shape(1) != codewords || total < 0 ||
            (total + block_codes - 1) / block_codes != static_cast<std::int64_t>(blocks.shape(0)) ||
            dimensions % Products::group || prefix % Products::group || prefix < 0 || prefix > dimensions ||
            !(error >= 0) || !(spread > 0) || since < 0)
            refuse();
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
               nb::arg("halves").noconvert().none(), nb::arg("floats").noconvert().none(),
               nb::arg("dimensions").noconvert(), nb::arg("queries").noconvert(),
               nb::arg("allowed").noconvert().none(), nb::arg("floor"),
               nb::arg("cancelled").noconvert().none(),
               nb::arg("directions_of_blocks").noconvert().none(), nb::arg("cones").noconvert().none(),
               nb::arg("error"), nb::arg("positions").noconvert(), nb::arg("scores").noconvert());
    module.def("best_of_tables", &best_of_tables, nb::arg("path"), nb::arg("blocks").noconvert(),
               nb::arg("total"), nb::arg("tables").noconvert(), nb::arg("allowed").noconvert().none(),
               nb::arg("cancelled").noconvert().none(), nb::arg("positions").noconvert(),
               nb::arg("scores").noconvert());
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
