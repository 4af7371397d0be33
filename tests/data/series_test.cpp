#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/series.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

// `steps` rows of a time, two numbers and whether the step is one of `anomalies`.
std::string series(int steps, const std::vector<int>& anomalies) {
  std::string rows = "when,a,b,odd\n";
  for (int i = 0; i < steps; ++i) {
    rows += text(i, ",", i, ",", 100 - i, ",", std::ranges::count(anomalies, i), "\n");
  }
  return rows;
}

DataOptions windows(std::int64_t size, std::int64_t stride = 1) {
  DataOptions options;
  options.window = size;
  options.stride = stride;
  options.scaling = Scaling::None;
  options.read.table.time = "when";
  options.read.table.label = "odd";
  return options;
}

Rows starts(const DataSet& set, const char* split) {
  Rows rows;
  const Source& source = *set.find(split);
  for (std::uint32_t i = 0; i < source.size(); ++i) rows.push_back(source.row(i));
  return rows;
}

std::vector<float> sample(const Source& source, std::uint32_t index) {
  std::vector<float> values(static_cast<std::size_t>(source.sample_shape().size()));
  source.read(std::span(&index, 1), values.data());
  return values;
}

std::string refusal(const std::string& path, const DataOptions& options) {
  try {
    load_data_set(path, options, {});
  } catch (const OptionError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("data/series") {
  TEST_CASE("windows begin at each stride, and one more reaches the end") {
    CHECK(window_starts(0, 10, {4, 3}) == Rows{0, 3, 6});
    CHECK(window_starts(0, 12, {4, 3}) == Rows{0, 3, 6, 8});
    CHECK(window_starts(5, 9, {4, 1}) == Rows{5});
    CHECK(window_starts(5, 8, {4, 1}).empty());
    CHECK(steps_of_windows({2, 3, 8}, 3) == Rows{2, 3, 4, 5, 8, 9, 10});
  }

  TEST_CASE("a window has its columns one after another, in any type of number") {
    Tensor values(Shape{4, 2}, DType::U16);
    std::ranges::copy(std::vector<int>{1, 10, 2, 20, 3, 30, 4, 40},
                      values.values<std::uint16_t>().begin());
    const auto windows = windows_of(values, 3);
    REQUIRE(windows->shape() == Shape{2, 6});
    std::vector<std::uint16_t> read(12);
    windows->read(Rows{1, 0}, reinterpret_cast<std::byte*>(read.data()));
    CHECK(read == std::vector<std::uint16_t>{2, 3, 4, 20, 30, 40, 1, 2, 3, 10, 20, 30});
  }

  TEST_CASE("a window is an anomaly when one of its steps is, and has the class of its last step") {
    Labels labels;
    labels.classes = Tensor(Shape{5}, DType::I64);
    std::ranges::copy(std::vector<int>{7, 8, 9, 10, 11},
                      labels.classes.values<std::int64_t>().begin());
    labels.anomalies = Tensor(Shape{5}, DType::U8);
    labels.anomalies.values<std::uint8_t>()[1] = 1;
    const Labels of_windows = labels_of_windows(labels, 5, 2);
    CHECK(values_of<std::int64_t>(of_windows.classes) == std::vector<std::int64_t>{8, 9, 10, 11});
    CHECK(values_of<std::uint8_t>(of_windows.anomalies) == std::vector<std::uint8_t>{1, 1, 0, 0});
    CHECK_FALSE(labels_of_windows({}, 5, 2).has_classes());
  }

  TEST_CASE("a series is divided by time, and no window reaches from one split into another") {
    const ScratchFolder folder;
    const std::string path = folder.put("s.csv", series(20, {}));
    DataOptions options = windows(3, 2);
    options.test = 0.25;
    options.validation = 0.4;
    const DataSet set = load_data_set(path, options, {});
    CHECK(set.sample_shape == Shape{6});
    CHECK(set.samples == 4);
    CHECK(set.columns() == 2);
    CHECK(set.is_table());
    CHECK(starts(set, "train") == Rows{0, 2, 4, 6});
    CHECK(starts(set, "validation") == Rows{9, 11, 12});
    CHECK(starts(set, "test") == Rows{15, 17});
    CHECK(sample(*set.find("test"), 1) == std::vector<float>{17, 18, 19, 83, 82, 81});
    CHECK(set.series.at("test")->steps() == 20);
    CHECK(set.series.at("test")->columns == std::vector<std::string>{"a", "b"});

    options.read.table.leave_out = {"b"};
    CHECK_FALSE(load_data_set(path, options, {}).is_table());  // a signal
    options.limit = 12;
    CHECK(starts(load_data_set(path, options, {}), "test") == Rows{9});
  }

  TEST_CASE("windows with anomalies are kept from training and validation, and scaling from both") {
    const ScratchFolder folder;
    const std::string path = folder.put("s.csv", series(20, {1, 9, 15, 16}));
    DataOptions options = windows(2);
    options.scaling = Scaling::Standardise;
    options.validation = 0.5;
    options.anomaly.emplace();
    options.anomaly->train = 0.6;
    const DataSet set = load_data_set(path, options, {});
    CHECK(starts(set, "train") == Rows{2, 3, 4});
    CHECK(starts(set, "validation") == Rows{6, 7, 10});
    CHECK(starts(set, "test") == Rows{12, 13, 14, 15, 16, 17, 18});
    CHECK(values_of<std::uint8_t>(set.find("test")->labels().anomalies) ==
          std::vector<std::uint8_t>{0, 0, 1, 1, 1, 0, 0});
    // Of the steps 2 to 5, each once: mean 3.5, variance 1.25; every column has one scale.
    const double deviation = std::sqrt(1.25);
    CHECK(set.scaling->offset() == std::vector<double>{3.5, 3.5, 96.5, 96.5});
    CHECK(set.scaling->scale()[1] == doctest::Approx(deviation));
    CHECK(sample(set.train(), 0)[1] == doctest::Approx(-0.5 / deviation));

    options.anomaly->contaminated = true;
    CHECK(starts(load_data_set(path, options, {}), "train") == Rows{0, 1, 2, 3, 4});
    options.anomaly->contaminated = false;
    options.anomaly->train.reset();  // the first 0.15: three steps
    options.validation = 0;
    CHECK(refusal(path, options) ==
          "anomaly leaves no window of 2 time steps without an anomaly in the split train, of 2; "
          "choose a smaller window, or another part for training");
  }

  TEST_CASE("windows that do not fit, or would leave steps out, are refused") {
    const ScratchFolder folder;
    const std::string path = folder.put("s.csv", series(20, {}));
    CHECK(refusal(path, windows(17)) ==
          "window has 17 time steps, and the split train has 16; choose a smaller window, or other "
          "parts");
    CHECK(refusal(path, windows(0)) == "window must be >= 1, got 0");
    CHECK(refusal(path, windows(4, 0)) == "stride must be >= 1, got 0");
    CHECK(refusal(path, windows(4, 5)) ==
          "stride is 5, and a window has 4 time steps, so that some would be in no window and have "
          "no score; choose at most 4");
    DataOptions alone = windows(4, 2);
    alone.window.reset();
    CHECK(refusal(path, alone) == "stride is from one window to the next; give window as well");
    const std::string images = folder.put("i.npy", npy("<f4", "(9, 2, 2)", std::string(144, '\0')));
    DataOptions options;
    options.window = 2;
    CHECK(refusal(images, options) == text("window needs rows of numbers, one a time step, and ",
                                           images, " has samples [2, 2]"));
  }

  TEST_CASE(
      "another file comes in windows that hold all of its steps, by the form in a checkpoint") {
    const ScratchFolder folder;
    const DataSet set = load_data_set(folder.put("s.csv", series(20, {})), windows(3, 2), {});
    {
      hdf5::Writer file(folder / "form.h5");
      write_data_form(file, "data", set);
      file.commit();
    }
    const DataForm form = read_data_form(hdf5::Reader(folder / "form.h5"), "data");
    CHECK(form.windows == Windows{3, 2});
    CHECK(difference(set, form).empty());
    std::vector<std::string> notes;
    // Neither times nor labels are needed.
    const auto source =
        load_input(folder.put("o.csv", "a,b\n0,9\n1,8\n2,7\n3,6\n4,5\n5,4\n"), form, {}, notes);
    CHECK(source->size() == 3);
    CHECK(source->row(2) == 3);
    CHECK(sample(*source, 2) == std::vector<float>{3, 4, 5, 6, 5, 4});
    const std::string brief = folder.put("b.csv", "a,b\n0,9\n1,8\n");
    CHECK_THROWS_WITH_AS(
        load_input(brief, form, {}, notes),
        (brief + ": has 2 time steps, the model was trained on windows of 3").c_str(), DataError);
    DataForm other = form;
    other.windows.stride = 1;
    CHECK(difference(form, other) ==
          "windows had 3 time steps, one every 2, now they have 3, one every 1");
  }

  TEST_CASE("a time that goes back is noted, since rows keep their order") {
    const ScratchFolder folder;
    const std::string path = folder.put("s.csv", "when,a\n0,1\n2,2\n1,3\n4,4\n5,5\n6,6\n");
    DataOptions options = windows(1);
    options.read.table.label = "";
    const DataSet set = load_data_set(path, options, {});
    REQUIRE(set.notes.size() == 1);
    CHECK(set.notes[0] == path +
                              ": the time goes back after row 2; rows are taken in the order of "
                              "the file");
  }
}
