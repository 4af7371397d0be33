#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>
#include <limits>

using namespace hourglass;

TEST_SUITE("storage/csv") {
  TEST_CASE("fields are quoted only where they must be") {
    CHECK(csv::field("plain text") == "plain text");
    CHECK(csv::field("") == "");
    CHECK(csv::field("a,b") == "\"a,b\"");
    CHECK(csv::field("say \"x\"") == "\"say \"\"x\"\"\"");
    CHECK(csv::field("two\nlines") == "\"two\nlines\"");
    CHECK(csv::field(" blank") == "\" blank\"");
  }

  TEST_CASE("numbers have their shortest form, also those that are not finite") {
    CHECK(csv::field(0.1) == "0.1");
    CHECK(csv::field(1.0) == "1");
    CHECK(csv::field(std::nan("")) == "nan");
    CHECK(csv::field(-std::nan("")) == "nan");
    CHECK(csv::field(csv::kAbsent) == "");
    CHECK(std::isnan(csv::kAbsent));
    CHECK(csv::field(-std::numeric_limits<double>::infinity()) == "-inf");
    const std::vector<std::string> fields = {csv::field("a"), csv::field(2.5)};
    CHECK(csv::row(fields) == "a,2.5\n");
  }

  TEST_CASE("what is written reads back, quotes, empty cells and infinities included") {
    const ScratchFolder folder;
    const auto path = folder / "metrics.csv";
    csv::append(path, "epoch,\"train/a,\"\"b\"\"\"\n");
    csv::append(path, "1,0.30000000000000004\n2,\n");
    csv::append(path, "3,inf\n4,nan\n");
    const csv::Table table = csv::read(path);
    CHECK(table.columns == std::vector<std::string>{"epoch", "train/a,\"b\""});
    REQUIRE(table.rows.size() == 4);
    CHECK(table.rows[0][1] == 0.30000000000000004);
    CHECK(csv::is_absent(table.rows[1][1]));
    CHECK(std::isinf(table.rows[2][1]));
    CHECK(std::isnan(table.rows[3][1]));
    CHECK_FALSE(csv::is_absent(table.rows[3][1]));
    CHECK(table.values("epoch") == std::vector<double>{1, 2, 3, 4});
    CHECK(table.find("none") == -1);
    CHECK_THROWS_WITH_AS(table.values("none"), "the table has no column \"none\"", DataError);
  }

  TEST_CASE("a last line that is still being written is left out") {
    const ScratchFolder folder;
    const auto path = folder.put("m.csv", "epoch,step\r\n1,10\r\n2,2");
    const csv::Table table = csv::read(path);
    CHECK(table.columns.back() == "step");
    CHECK(table.rows == std::vector<std::vector<double>>{{1, 10}});
    CHECK(csv::read(folder.put("n.csv", "a,b\n1,\"2")).rows.empty());
  }

  TEST_CASE("damage is named by line") {
    const ScratchFolder folder;
    const auto message = [&](std::string_view content) {
      try {
        csv::read(folder.put("m.csv", content));
      } catch (const DataError& error) {
        return std::string(error.what()).substr((folder / "m.csv").string().size());
      }
      return std::string("none");
    };
    CHECK(message("") == ": has no header line");
    CHECK(message("a,b\n1,2\n3\n") == ":3: has 1 cells, the header has 2");
    CHECK(message("a,b\n1,x\n") == ":2: column \"b\" must hold numbers, got \"x\"");
    CHECK(message("a,b\n1,2 \n") == ":2: column \"b\" must hold numbers, got \"2 \"");
    CHECK(message("a,b\n1,\"2\"x\n") == ":2: text follows the quote that ends a cell");
  }

  TEST_CASE("a cut keeps the header and the rows up to a step, byte for byte") {
    const ScratchFolder folder;
    const auto path = folder.put("m.csv", "epoch,step\n1,10\n2,2e1\n3,30\n4,4");
    csv::cut(path, "step", 20);
    CHECK(read_text_file(path) == "epoch,step\n1,10\n2,2e1\n");
    csv::cut(path, "step", 0);
    CHECK(read_text_file(path) == "epoch,step\n");
    CHECK_THROWS_WITH_AS(csv::cut(path, "steps", 0),
                         text(path.string(), ": has no column \"steps\"").c_str(), DataError);
    csv::cut(folder / "none.csv", "step", 0);
    for (const char* begun : {"", "epoch,st"}) {
      folder.put("begun.csv", begun);
      csv::cut(folder / "begun.csv", "step", 0);
      CHECK_FALSE(std::filesystem::exists(folder / "begun.csv"));
    }
    CHECK_FALSE(std::filesystem::exists(folder / "none.csv"));
  }

  TEST_CASE("tables of texts keep every row as it is, the last one without a line break too") {
    ScratchFolder folder;
    const auto path = folder.put("points.csv", "id,\"a,b\"\r\n1,\"x \"\"y\"\"\"\n2\n3,,4");
    const csv::TextTable table = csv::read_texts(path);
    CHECK(table.columns == std::vector<std::string>{"id", "a,b"});
    REQUIRE(table.rows.size() == 3);
    CHECK(table.rows[0] == std::vector<std::string>{"1", "x \"y\""});
    CHECK(table.rows[1] == std::vector<std::string>{"2"});
    CHECK(table.rows[2] == std::vector<std::string>{"3", "", "4"});
    CHECK(csv::read_texts(folder.put("open.csv", "id\n1\n\"2\n3")).rows.size() == 1);
    CHECK_THROWS_AS(csv::read_texts(folder.put("empty.csv", "")), DataError);
    CHECK_THROWS_AS(csv::read_texts(path, 5), DataError);
  }

  TEST_CASE("rows for a full disk are an error that names the file") {
    if (!std::filesystem::exists("/dev/full")) return;
    CHECK_THROWS_WITH_AS(csv::append("/dev/full", "1,2\n"),
                         "/dev/full: cannot append: No space left on device", IoError);
  }
}
