#pragma once

#include <hourglass/compare/comparison.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hourglass::compare {

/// One table of a comparison, as texts, for the formats that people read.
struct Sheet {
  std::string title;
  std::vector<std::vector<std::string>> rows;  ///< the first has the headings; none: notes alone
  std::vector<std::string> notes;              ///< sentences, below
};

/// The tables of a comparison: one for each chosen metric; parameters, seconds, samples per second
/// and memory beside the first; paired comparisons; the Pareto front; the runs that do not count;
/// and the notes on how to read all this. Each shows `most_rows` at most, and says how many more
/// there are.
HOURGLASS_API std::vector<Sheet> sheets_of(const Comparison& comparison, std::size_t most_rows);

}  // namespace hourglass::compare
