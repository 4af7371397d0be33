#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/spans.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

constexpr const char* kSpans =
    R"({"real/b.csv": [["2014-01-01 00:05:00.000000", "2014-01-01 00:10:00.000000"]],
    "quiet.csv": [], "odd.csv": [["soon", "later"]], "short.csv": [["2014-01-01"]],
    "late.csv": [["2014-01-02", "2014-01-01"]]})";

constexpr const char* kSeries =
    "timestamp,value\n2014-01-01 00:00:00,1\n2014-01-01 00:05:00,2\n2014-01-01 00:10:00,3\n"
    "2014-01-01 00:15:00,4\n";

void describe(const ScratchFolder& folder, const std::string& file, const std::string& table) {
  folder.put("b.yaml", "name: b\ntitle: t\nformat: csv\ntable: {" + table +
                           "}\nfiles: {train: {samples: {name: " + file +
                           "}, labels: {name: spans.json}}}\n");
}

}  // namespace

TEST_SUITE("data/spans") {
  TEST_CASE("times are seconds since 1970, or numbers") {
    CHECK(time_of("1970-01-02") == 86400);
    CHECK(time_of("2013-12-02 21:15:00") == 1386018900);
    CHECK(time_of("2013-12-02T21:15:00.250000") == 1386018900.25);
    CHECK(time_of("2013-12-02 21:15") == 1386018900);
    CHECK(time_of("12.5") == 12.5);
    for (const char* bad : {"", "soon", "2013-02-30", "2013-12-02 24:00:00", "2013-12-02 21:15:00Z",
                            "2013-12-02 21", "2013-12", "inf"}) {
      CAPTURE(bad);
      CHECK_FALSE(time_of(bad));
    }
  }

  TEST_CASE("periods belong to the series whose path ends with their key") {
    const ScratchFolder folder;
    const std::string path = folder.put("spans.json", kSpans);
    CHECK(read_spans(path, "/data/real/b.csv") == Spans{{1388534700, 1388535000}});
    CHECK(read_spans(path, "quiet.csv").empty());
    CHECK_THROWS_WITH_AS(read_spans(path, "/data/unreal/b.csv"),
                         (path + ": does not say when /data/unreal/b.csv is anomalous; expected a "
                                 "map with the end of this path as a key")
                             .c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(read_spans(path, "odd.csv"),
                         (path + ":2:35: \"soon\" is no time, expected one such as 2013-12-02 "
                                 "21:15:00, or a number")
                             .c_str(),
                         DataError);
    CHECK_THROWS_AS(read_spans(path, "short.csv"), DataError);
    CHECK_THROWS_AS(read_spans(path, "late.csv"), DataError);
    CHECK_THROWS_AS(read_spans(folder.put("torn.json", "{\"b.csv\": [["), "b.csv"), DataError);
  }

  TEST_CASE("a table's rows within a period, its ends included, are anomalies") {
    const ScratchFolder folder;
    folder.put("b/spans.json", kSpans);
    folder.put("b/real/b.csv", kSeries);
    describe(folder, "real/b.csv", "time: timestamp");
    DataOptions options;
    options.window = 1;
    options.anomaly.emplace();
    options.anomaly->train = 0.25;
    const DataPlaces places{folder.path(), {folder.path()}};
    const DataSet set = load_data_set("b", options, places);
    CHECK(set.sample_shape == Shape{1});
    CHECK(values_of<std::uint8_t>(set.series.at("test")->anomalies) ==
          std::vector<std::uint8_t>{0, 1, 1, 0});
    std::vector<std::string> notes;
    CHECK(load_input("b", set, places, notes)->size() == 4);  // all of it, by its name

    describe(folder, "real/b.csv", "leave_out: [timestamp]");
    CHECK_THROWS_AS(load_data_set("b", options, places), OptionError);
    describe(folder, "real/b.csv", "time: timestamp, label: kind");
    folder.put("b/real/b.csv", "timestamp,value,kind\n2014-01-01 00:00:00,1,0\n");
    CHECK_THROWS_AS(load_data_set("b", options, places), OptionError);
  }

  TEST_CASE("a text that is no time is refused with its line and column") {
    const ScratchFolder folder;
    const std::string path = folder.put("t.csv", "when,a\n1,2\nsoon,3\n");
    TableOptions options;
    options.time = "when";
    CHECK_THROWS_WITH_AS(read_table(path, options),
                         (path + ":3: column 1 (\"when\"): \"soon\" is no time, expected one such "
                                 "as 2013-12-02 21:15:00, or a number")
                             .c_str(),
                         DataError);
    options.time = "whem";
    CHECK_THROWS_AS(read_table(path, options), OptionError);
    options.time = options.label = "when";
    CHECK_THROWS_AS(read_table(path, options), OptionError);
  }
}
