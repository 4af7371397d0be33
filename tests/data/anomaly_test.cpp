#include "files.hpp"

#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <support/labels.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;
using test::labels_of;

namespace {

AnomalyOptions normal(const std::vector<std::string>& classes) {
  AnomalyOptions options;
  options.normal = classes;
  return options;
}

AnomalyOptions anomalous(const std::vector<std::string>& classes) {
  AnomalyOptions options;
  options.anomalous = classes;
  return options;
}

std::vector<int> truth(const Labels& labels) {
  const auto values = labels.anomalies.values<std::uint8_t>();
  return {values.begin(), values.end()};
}

std::vector<int> marked(Labels labels, const AnomalyOptions& options) {
  Labels* all[] = {&labels};
  mark_anomalies(all, options);
  return truth(labels);
}

int anomalies_in(const DataSet& set, const char* split) {
  int count = 0;
  for (const int each : truth(set.find(split)->labels())) count += each;
  return count;
}

// 90 rows of label 0 and 10 of label 1, spread.
std::string table() {
  std::string rows = "x,label\n";
  for (int i = 0; i < 100; ++i) rows += text(i, ",", i % 10 == 3 ? 1 : 0, "\n");
  return rows;
}

DataOptions table_options() {
  DataOptions options;
  options.read.table.label = "label";
  options.anomaly.emplace();
  return options;
}

// 40 training and 20 test samples of the classes 0 to 3 in turn.
std::filesystem::path put_splits(const ScratchFolder& folder) {
  hdf5::Writer file(folder / "splits.h5");
  for (const auto& [split, count] : {std::pair("train", 40), {"test", 20}}) {
    Tensor samples(Shape{count, 2});
    std::vector<std::int64_t> classes;
    for (int i = 0; i < count; ++i) classes.push_back(i % 4);
    for (int i = 0; i < count; ++i) samples.floats()[2 * i] = static_cast<float>(i);
    file.write(text("x_", split), samples);
    file.write(text("y_", split), labels_of(classes).classes);
  }
  file.commit();
  return folder / "splits.h5";
}

}  // namespace

TEST_SUITE("data/anomaly") {
  TEST_CASE("classes are normal or anomalous by name or by number") {
    const std::vector<std::string> names = {"cat", "dog", "2"};
    CHECK(marked(labels_of({0, 1, 2, 1}, names), anomalous({"dog"})) ==
          std::vector<int>{0, 1, 0, 1});
    CHECK(marked(labels_of({0, 1, 2, 1}, names), normal({"0", "2"})) ==
          std::vector<int>{0, 1, 0, 1});
    CHECK(marked(labels_of({5, -1, 7}), anomalous({"-1"})) == std::vector<int>{0, 1, 0});
  }

  TEST_CASE("labels 0 and 1 tell anomalies without any list") {
    CHECK(marked(labels_of({0, 1, 0}), {}) == std::vector<int>{0, 1, 0});
    CHECK(marked(labels_of({0, 1, 0}, {"normal", "anomaly"}), {}) == std::vector<int>{0, 1, 0});
    CHECK_THROWS_AS(marked(labels_of({0, 1, 0}, {"attack", "normal"}), {}), OptionError);
    CHECK_THROWS_WITH_AS(
        marked(labels_of({0, 2}), {}),
        "anomaly names neither normal nor anomalous classes, and the labels are not 0 for normal "
        "and 1 for anomaly; give one of the lists anomaly.normal and anomaly.anomalous; the "
        "classes are 0, 2",
        OptionError);
  }

  TEST_CASE("classes that do not exist and samples without a class are refused") {
    CHECK_THROWS_WITH_AS(
        marked(labels_of({0, 1}, {"cat", "dog"}), normal({"cat", "dig"})),
        "anomaly.normal.1 names \"dig\", which is no class of the data; did you mean \"dog\"?",
        OptionError);
    CHECK_THROWS_WITH_AS(marked(labels_of({0, 1}), anomalous({"9"})),
                         "anomaly.anomalous.0 names \"9\", which is no class of the data; they "
                         "have 0, 1",
                         OptionError);
    CHECK_THROWS_WITH_AS(marked(labels_of({0, -1, 1}), {}),
                         "anomaly needs to know the class of every sample, and 1 has none (-1)",
                         OptionError);
    CHECK_THROWS_AS(marked(Labels(), {}), OptionError);
  }

  TEST_CASE("training and validation keep normal samples only, and the test split all") {
    const ScratchFolder folder;
    DataOptions options;
    options.validation = 0.2;
    options.anomaly = anomalous({"3"});
    const std::string path = put_splits(folder);
    const DataSet set = load_data_set(path, options, {});
    CHECK(set.train().size() == 24);
    CHECK(set.find("validation")->size() == 6);
    CHECK(set.find("test")->size() == 20);
    CHECK(anomalies_in(set, "train") == 0);
    CHECK(anomalies_in(set, "validation") == 0);
    CHECK(anomalies_in(set, "test") == 5);

    options.anomaly->contaminated = true;
    const DataSet all = load_data_set(path, options, {});
    CHECK(all.train().size() + all.find("validation")->size() == 40);
    CHECK(anomalies_in(all, "train") + anomalies_in(all, "validation") == 10);

    options.anomaly->train = 0.5;
    CHECK_THROWS_WITH_AS(load_data_set(path, options, {}),
                         "anomaly.train is for data without a test split of their own, and these "
                         "have one",
                         OptionError);
    options.anomaly = anomalous({"0", "1", "2", "3"});
    CHECK_THROWS_WITH_AS(load_data_set(path, options, {}),
                         "anomaly leaves no normal sample in the split train, of 40; name other "
                         "classes",
                         OptionError);
  }

  TEST_CASE("data without a test split are divided in equal proportions of both kinds") {
    const ScratchFolder folder;
    const std::string path = folder.put("t.csv", table());
    DataOptions options = table_options();
    const DataSet set = load_data_set(path, options, {});
    CHECK(set.train().size() == 63);  // 70 % of 90; the 7 anomalies of the part are left out
    CHECK(anomalies_in(set, "train") == 0);
    CHECK(set.find("test")->size() == 30);
    CHECK(anomalies_in(set, "test") == 3);
    std::set<std::uint32_t> rows;
    for (const char* split : {"train", "test"}) {
      for (std::uint32_t i = 0; i < set.find(split)->size(); ++i) {
        rows.insert(set.find(split)->row(i));
      }
    }
    CHECK(rows.size() == 93);

    options.anomaly->contaminated = true;
    const DataSet mixed = load_data_set(path, options, {});
    CHECK(mixed.train().size() == 70);
    CHECK(anomalies_in(mixed, "train") == 7);
    for (std::uint32_t i = 0; i < 30; ++i) {
      CHECK(mixed.find("test")->row(i) == set.find("test")->row(i));
    }
    options.anomaly->train = 0.5;
    CHECK(load_data_set(path, options, {}).train().size() == 50);
    options.seed = 2;
    const DataSet other = load_data_set(path, options, {});
    options.seed = 1;
    const DataSet again = load_data_set(path, options, {});
    bool differs = false;
    for (std::uint32_t i = 0; i < 50; ++i) {
      differs |= again.find("test")->row(i) != other.find("test")->row(i);
    }
    CHECK(differs);
  }

  TEST_CASE("parts that leave nothing, and a second way of dividing, are refused") {
    const ScratchFolder folder;
    const std::string path = folder.put("t.csv", table());
    DataOptions options = table_options();
    options.anomaly->train = 0.001;
    CHECK_THROWS_WITH_AS(load_data_set(path, options, {}),
                         "anomaly.train leaves, as 0.001 of 90 normal samples, none for "
                         "training; choose a larger part",
                         OptionError);
    options = table_options();
    options.test = 0.4;
    CHECK_THROWS_WITH_AS(load_data_set(path, options, {}),
                         "test cannot be given beside anomaly, whose train says what is scored",
                         OptionError);
  }

  TEST_CASE("one list of classes is enough") {
    config::Problems problems;
    schema_of<AnomalyOptions>().read(
        config::parse_text("{normal: [1], anomalous: [0]}", "test.yaml"), problems, "anomaly");
    CHECK_THROWS_WITH_AS(problems.throw_if_any(),
                         "test.yaml:1:1: anomaly takes a list of normal classes or one of "
                         "anomalous ones, not both",
                         ConfigError);
  }
}
