#pragma once

#include <hourglass/core/api.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass {

/// The seconds since 1970 that a text tells, "2013-12-02 21:15:00" (with a `T` between date and
/// time, a fraction of the second, or without the time), of no time zone; or a plain number, as it
/// is. Nothing for other texts, and for dates that there are not.
HOURGLASS_API std::optional<double> time_of(std::string_view text);

/// Periods of time, both ends included.
using Spans = std::vector<std::pair<double, double>>;

/// Reads the periods in which a series is anomalous from a JSON file as the Numenta Anomaly
/// Benchmark has it: for each series, by the end of its path, a list of pairs of times.
///
///     {"realKnownCause/nyc_taxi.csv": [["2014-10-30 15:30:00.000000", "2014-11-03 22:30:00"]]}
///
/// `series` is the path of the file with the series.
/// Throws DataError, with the place, for a file that is not so, and where the series is not in it.
HOURGLASS_API Spans read_spans(const std::string& path, const std::string& series);

}  // namespace hourglass
