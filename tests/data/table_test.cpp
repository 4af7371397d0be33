#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/table.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

using Notes = std::vector<std::string>;

std::vector<float> encoded(const Table& table, std::span<const std::uint32_t> rows = {}) {
  Notes notes;
  return values_of<float>(TableEncoding(table, rows).encode(table, notes));
}

}  // namespace

TEST_SUITE("data/table") {
  TEST_CASE("separator and header are found") {
    const ScratchFolder folder;
    for (const std::string content : {"a,b\n1,2\n3,4\n", "1,2\n3,4",
                                      "\xEF\xBB\xBF"
                                      "a;b\r\n1;2\r\n3;4\r\n",
                                      "a\tb\n1\t2\n\n3\t4\n", "   1.0e+00    2\n 3\t \t4  \n",
                                      "a b\n1 2\n3 4\n", "\"a\",\"b\"\n\"1\",\"2\"\n3, 4\n"}) {
      CAPTURE(content);
      const Table table = read_table(folder.put("t", content));
      CHECK(table.rows == 2);
      CHECK(encoded(table) == std::vector<float>{1, 2, 3, 4});
      CHECK(table.features[1].name == (content.find('b') == content.npos ? "2" : "b"));
    }
  }

  TEST_CASE("header and separator can be told") {
    const ScratchFolder folder;
    const std::string path = folder.put("t", "1 2,5\n3 4,6\n");
    TableOptions options;
    options.header = true;
    options.separator = "space";
    options.categories = {"2,5"};
    const Table table = read_table(path, options);
    CHECK(table.rows == 1);
    CHECK(table.features[1].texts == std::vector<std::string>{"4,6"});
    options.separator = "::";
    CHECK_THROWS_WITH_AS(read_table(path, options),
                         "separator must be one character, \"tab\" or \"space\", got \"::\"",
                         ConfigError);
  }

  TEST_CASE("labels are taken by name or number and columns are left out") {
    const ScratchFolder folder;
    const std::string path = folder.put("t", "x,kind,y\n1,0,2\n3,2,4\n");
    for (const std::string label : {"kind", "2", "-2"}) {
      TableOptions options;
      options.label = label;
      options.leave_out = {"y"};
      const Table table = read_table(path, options);
      CHECK(encoded(table) == std::vector<float>{1, 3});
      const Table* tables[] = {&table};
      CHECK(values_of<std::int64_t>(table_labels(tables)[0].classes) ==
            std::vector<std::int64_t>{0, 2});
    }
    TableOptions options;
    options.label = "sort";
    CHECK_THROWS_WITH_AS(read_table(path, options),
                         ("label names the column \"sort\", which " + path +
                          " does not have; its 3 columns are: x, kind, y")
                             .c_str(),
                         OptionError);
    options.label = "kind";
    options.leave_out = {"y", "kidn"};
    CHECK_THROWS_WITH_AS(read_table(path, options),
                         doctest::Contains("leave_out.1 names the column \"kidn\", which "),
                         OptionError);
    CHECK_THROWS_WITH_AS(read_table(path, options),
                         doctest::Contains("; did you mean \"kind\"? Its 3"), OptionError);
  }

  TEST_CASE("further samples may lack what is no feature, however that was named") {
    const ScratchFolder folder;
    const auto read = [&](const std::string& content, const std::string& label,
                          const std::vector<std::string>& leave_out,
                          const std::vector<std::string>& features) {
      TableOptions options;
      options.label = label;
      options.leave_out = leave_out;
      options.features = features;
      const Table table = read_table(folder.put("t", content), options);
      CHECK(table.features.size() == features.size());
      for (std::size_t i = 0; i < features.size(); ++i) {
        CHECK(table.features[i].name == features[i]);
      }
      return text(table.label_name, ": ", table.features[0].numbers[0], " ",
                  table.features[1].numbers[0]);
    };
    // With a header, any of them: a position is none of a feature's.
    CHECK(read("a,b,y\n1,2,3\n", "-1", {}, {"a", "b"}) == "y: 1 2");
    CHECK(read("a,b\n1,2\n", "-1", {}, {"a", "b"}) == ": 1 2");
    CHECK(read("id,a,b\n9,1,2\n", "4", {"id"}, {"a", "b"}) == ": 1 2");
    CHECK(read("a,b,y\n1,2,3\n", "y", {"1"}, {"a", "b"}) == "y: 1 2");
    // Without one, all or none.
    CHECK(read("1,2,3\n", "-1", {}, {"1", "2"}) == "3: 1 2");
    CHECK(read("1,2\n", "-1", {}, {"1", "2"}) == ": 1 2");
    CHECK(read("1,2\n", "1", {}, {"2", "3"}) == ": 1 2");
    CHECK(read("1,2\n", "4", {"1"}, {"2", "3"}) == ": 1 2");
    CHECK_THROWS_WITH_AS(read("9,1,2\n", "4", {"1"}, {"2", "3"}),
                         doctest::Contains("label names the column \"4\", which "), OptionError);
    CHECK_THROWS_WITH_AS(read("9,1,2\n", "-1", {"1"}, {"2", "3"}),
                         doctest::Contains("label names the column \"-1\", which "), OptionError);
  }

  TEST_CASE("a table of more columns than anybody has is refused") {
    const ScratchFolder folder;
    const std::string path = folder.put("t.gz", gzip(std::string(8 << 20, ',') + "\n"));
    CHECK_THROWS_WITH_AS(read_table(path),
                         (path + ":1: has more than 1048576 columns, too many to read").c_str(),
                         DataError);
  }

  TEST_CASE("texts become one column per category of the training rows") {
    const ScratchFolder folder;
    const Table training = read_table(folder.put("a", "n,t\n1,udp\n2,tcp\n3,icmp\n"));
    const TableEncoding all(training, {});
    CHECK(all.feature_names() == std::vector<std::string>{"n", "t=icmp", "t=tcp", "t=udp"});
    CHECK(encoded(training) == std::vector<float>{1, 0, 0, 1, 2, 0, 1, 0, 3, 1, 0, 0});

    const std::array<std::uint32_t, 2> rows{1, 0};
    const TableEncoding some(training, rows);
    CHECK(some.feature_names() == std::vector<std::string>{"n", "t=tcp", "t=udp"});
    const Table test = read_table(folder.put("b", "n,t\n9,sctp\n8,tcp\n"));
    Notes notes;
    CHECK(values_of<float>(some.encode(test, notes)) == std::vector<float>{9, 0, 0, 8, 1, 0});
    REQUIRE(notes.size() == 1);
    CHECK(notes[0] == (folder / "b").string() +
                          ": column \"t\" has 1 categories that training data lack (sctp); its "
                          "features are zero in 1 rows");
  }

  TEST_CASE("quotes hold separators, quotes and line ends") {
    const ScratchFolder folder;
    const Table table = read_table(folder.put("t", "n,t\n1,\"a,\"\"b\"\"\nc\"\n2,d\n"));
    CHECK(table.rows == 2);
    CHECK(table.features[1].texts == std::vector<std::string>{"a,\"b\"\nc", "d"});
  }

  TEST_CASE("text labels are counted over all tables, training first") {
    const ScratchFolder folder;
    TableOptions options;
    options.label = "-1";
    const Table a = read_table(folder.put("a", "1,worm\n2,normal\n"), options);
    const Table b = read_table(folder.put("b", "1,alien\n2,worm\n"), options);
    const Table* tables[] = {&a, &b};
    const auto labels = table_labels(tables);
    CHECK(labels[0].class_names == std::vector<std::string>{"normal", "worm", "alien"});
    CHECK(values_of<std::int64_t>(labels[0].classes) == std::vector<std::int64_t>{1, 0});
    CHECK(values_of<std::int64_t>(labels[1].classes) == std::vector<std::int64_t>{2, 1});
  }

  TEST_CASE("labels with a fraction are values") {
    const ScratchFolder folder;
    TableOptions options;
    options.label = "1";
    const Table table = read_table(folder.put("a", "0.5,1\n2,3\n"), options);
    const Table* tables[] = {&table};
    const auto labels = table_labels(tables);
    CHECK_FALSE(labels[0].has_classes());
    CHECK(values_of<float>(labels[0].factors) == std::vector<float>{0.5f, 2});
  }

  TEST_CASE("faults are named with line and column") {
    const ScratchFolder folder;
    const struct {
      std::string bytes;
      std::string message;
    } cases[] = {
        {"", ": is empty, expected a table"},
        {"a,b\n1,2\n3\n", ":3: the row has 1 columns, expected 2 as in the rows above"},
        {"a,b\n1,2\n\n3,\n",
         ":4: column 2 (\"b\"): the value is missing; fill it in, or take out the row or the "
         "column"},
        {"1,2\n3,NaN\n",
         ":2: column 2: the value is missing (\"NaN\"); fill it in, or take out the row or the "
         "column"},
        {"1,2\n3,inf\n", ":2: column 2: \"inf\" is not a finite number of 32 bits"},
        {"1,2\n3,1e39\n", ":2: column 2: \"1e39\" is not a finite number of 32 bits"},
        {"1,2\n3,1e999\n", ":2: column 2: \"1e999\" is not a finite number of 32 bits"},
        {"a,b\n1,2\n3,4x\n",
         ":3: column 2 (\"b\"): \"4x\" is not a number, as the column's first value is; name the "
         "column in `categories` if it holds texts"},
        {"a,\"b\n1,2\n", ":1: a quote is not closed before the end of the file"},
        {std::string("1,2\n3,\0004\n", 9), ":2: holds a zero byte, expected text"},
        {"a,a\n1,2\n", ": two columns are named \"a\""},
    };
    for (const auto& [bytes, message] : cases) {
      const std::string path = folder.put("bad", bytes);
      CHECK_THROWS_WITH_AS(read_table(path), (path + message).c_str(), DataError);
    }
  }

  TEST_CASE("tables of one data set must have the same columns") {
    const ScratchFolder folder;
    const Table a = read_table(folder.put("a", "x,y\n1,2\n"));
    Notes notes;
    const Table fewer = read_table(folder.put("b", "x\n1\n"));
    CHECK_THROWS_WITH_AS(
        TableEncoding(a, {}).encode(fewer, notes),
        ((folder / "b").string() + ": has 1 feature columns, " + (folder / "a").string() + " has 2")
            .c_str(),
        DataError);
    const Table other = read_table(folder.put("c", "x,z\n1,2\n"));
    CHECK_THROWS_WITH_AS(TableEncoding(a, {}).encode(other, notes),
                         ((folder / "c").string() + ": column \"z\" stands where " +
                          (folder / "a").string() + " has \"y\"")
                             .c_str(),
                         DataError);
  }

  TEST_CASE("very small numbers are zero") {
    const ScratchFolder folder;
    CHECK(encoded(read_table(folder.put("a", "1e-999,2\n"))) == std::vector<float>{0, 2});
  }
}
