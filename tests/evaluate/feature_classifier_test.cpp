#include "labelled_groups.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/feature_classifier.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <support/scratch_folder.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

using namespace hourglass;

namespace {

using small::grouped, small::groups, small::turns;
using Floats = std::vector<float>;

const DataSet& three_groups() {
  static const DataSet kData = grouped(200, 90, 3);
  return kData;
}

// One training is enough for most tests.
FeatureClassifier& trained() {
  static const auto kTrained = train_feature_classifier(three_groups());
  return *kTrained;
}

Floats floats(const Tensor& tensor) { return {tensor.floats().begin(), tensor.floats().end()}; }

std::vector<Floats> parameters_of(const FeatureClassifier& classifier) {
  std::vector<Floats> all;
  for (const Tensor& each : classifier.parameters()) all.push_back(floats(each));
  return all;
}

std::vector<Tensor> zeros(const Shape& sample_shape, std::int64_t classes) {
  std::vector<Tensor> parameters;
  for (const auto& slot : FeatureClassifier::parameter_shapes(sample_shape, classes)) {
    parameters.emplace_back(slot.shape);
  }
  return parameters;
}

FeatureClassifier::Origin origin(const Shape& sample_shape, std::int64_t classes) {
  FeatureClassifier::Origin made;
  made.data = "made";
  made.samples = 10;
  made.sample_shape = sample_shape;
  made.classes = classes;
  return made;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path only_file(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator first(folder);
  REQUIRE(std::distance(first, {}) == 1);
  return std::filesystem::directory_iterator(folder)->path();
}

// A file as `write` makes it, but for one thing.
void write_changed(const FeatureClassifier& good, const std::filesystem::path& path,
                   const std::string& attribute, const hdf5::Value& value) {
  good.write(path);
  const hdf5::Reader was(path);
  hdf5::Writer file(path.string() + ".changed");
  for (const char* name : {"format", "layer", "data"}) {
    file.set_attribute("", name, was.text_attribute("", name));
  }
  for (const char* name : {"format_version", "protocol", "seed", "checksum", "samples",
                           "data_checksum", "classes", "tested"}) {
    file.set_attribute("", name, was.integer_attribute("", name));
  }
  for (const char* name : {"mean", "deviation", "accuracy"}) {
    file.set_attribute("", name, was.number_attribute("", name));
  }
  file.set_attribute("", "sample_shape", was.integers_attribute("", "sample_shape"));
  for (const std::string& name : was.list("parameters")) {
    Tensor tensor = was.read("parameters/" + name);
    if (name == attribute) tensor.floats()[0] = static_cast<float>(std::get<double>(value));
    file.write("parameters/" + name, tensor);
  }
  if (!attribute.ends_with("weight")) file.set_attribute("", attribute, value);
  file.commit();
  std::filesystem::rename(path.string() + ".changed", path);
}

}  // namespace

TEST_SUITE("evaluate/feature_classifier") {
  TEST_CASE("features of a sample that is no image are those of two dense layers, by hand") {
    FeatureClassifier::Origin made = origin({1}, 2);
    made.mean = 1;
    made.deviation = 2;
    std::vector<Tensor> parameters = zeros({1}, 2);
    REQUIRE(parameters.size() == 6);
    parameters[0].floats()[0] = 3;   // unit 0 of the first layer
    parameters[2].floats()[0] = 10;  // features 0 and 1 of it
    parameters[2].floats()[256] = -1;
    parameters[3].floats()[1] = 4;   // the bias of feature 1
    parameters[4].floats()[64] = 1;  // class 1 has feature 0, class 0 the bias 5
    parameters[5].floats()[0] = 5;
    FeatureClassifier classifier(made, parameters);
    const auto source = test::source({3, 1}, {1, 2, -5});
    const Tensor features = classifier.features(*source);
    CHECK(features.shape() == Shape{3, 64});
    // (x - 1) / 2, times 3, rectified: 0, 1.5, 0.
    CHECK(Floats{features.floats()[0], features.floats()[64], features.floats()[128]} ==
          Floats{0, 15, 0});
    CHECK(Floats{features.floats()[1], features.floats()[65], features.floats()[129]} ==
          Floats{4, 2.5f, 4});
    CHECK(std::ranges::count(features.floats(), 0.0f) == 3 * 64 - 4);
    CHECK(classifier.classify(*source) == std::vector<std::int32_t>{0, 1, 0});
  }

  TEST_CASE("colours last or first, an image has the same features") {
    std::vector<Tensor> parameters = zeros({3, 8, 9}, 2);
    std::uint64_t seed = 1;
    for (Tensor& each : parameters) {
      std::ranges::copy(test::normal_values(each.size(), ++seed), each.floats().begin());
    }
    const Floats first = test::uniform_values(3 * 8 * 9, 1);
    Floats last(first.size());
    for (std::size_t place = 0; place < 72; ++place) {
      for (std::size_t c = 0; c < 3; ++c) last[place * 3 + c] = first[c * 72 + place];
    }
    FeatureClassifier one(origin({3, 8, 9}, 2), parameters);
    FeatureClassifier other(origin({8, 9, 3}, 2), parameters);
    const Floats expected = floats(one.features(*test::source({1, 3, 8, 9}, first)));
    CHECK(floats(other.features(*test::source({1, 8, 9, 3}, last))) == expected);
    CHECK(std::ranges::max(expected) > 0);
  }

  TEST_CASE("a sample has the same features whatever others come with it") {
    const Floats values = groups(1100, 3, 3, 5);
    const Tensor many = trained().features(*test::source({1100, 3}, values));
    for (const std::int64_t i : {0, 499, 500, 1099}) {
      Floats alone(64);
      trained().features(values.data() + i * 3, 1, alone.data());
      // At another place of the batch a row may be added up in another order.
      for (std::int64_t k = 0; k < 64; ++k) {
        CHECK(alone[static_cast<std::size_t>(k)] ==
              doctest::Approx(many.floats()[i * 64 + k]).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("a trained classifier tells classes of the test split apart, and says how well") {
    const FeatureClassifier::Origin& made = trained().origin();
    CHECK(made.data == "made");
    CHECK(made.samples == 200);
    CHECK(made.classes == 3);
    CHECK(made.tested == 90);
    CHECK(made.accuracy == 1);
    const std::string told = trained().description();
    CAPTURE(told);
    CHECK(
        told.starts_with("64 features of a classifier that was trained on 200 labelled samples "
                         "of made (checksum "));
    CHECK(told.find("2000 steps of Adam, seed 1; accuracy 100.00 % of 90 test samples; weights' "
                    "checksum ") != std::string::npos);
  }

  TEST_CASE("small images are convolved, and their classes told apart") {
    // A bright square in one of two corners.
    const auto images = [](std::int64_t count, std::uint64_t seed) {
      Floats values = test::uniform_values(count * 64, seed);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t corner = i % 2 == 0 ? 0 : 36;
        for (const std::int64_t pixel : {0, 1, 8, 9}) {
          values[static_cast<std::size_t>(i * 64 + corner + pixel)] += 1;
        }
      }
      return values;
    };
    DataSet data = small::data(test::source({200, 8, 8}, images(200, 1), turns(200, 2)),
                               test::source({50, 8, 8}, images(50, 2), turns(50, 2)));
    data.classes = 2;
    const auto classifier = train_feature_classifier(data);
    CHECK(classifier->parameters().front().shape() == Shape{16, 1, 5, 5});
    CHECK(classifier->origin().accuracy == 1);
    CHECK(classifier->description().find(": two convolutions and a dense layer") !=
          std::string::npos);
  }

  TEST_CASE("equal data train equal classifiers, whatever part is kept for validation") {
    const DataSet& data = three_groups();
    std::vector<std::uint32_t> train, validation;
    for (std::uint32_t i = 0; i < 200; ++i) (i % 7 == 2 ? validation : train).push_back(i);
    Tensor samples(Shape{200, 3});
    std::ranges::copy(groups(200, 3, 3, 1), samples.floats().begin());
    const auto scaling = std::make_shared<FittedScaling>();
    DataSet divided = grouped(200, 90, 3);
    std::ranges::reverse(train);
    divided.splits["train"] =
        std::make_shared<MemorySource>(samples, turns(200, 3), scaling, train);
    divided.splits["validation"] =
        std::make_shared<MemorySource>(samples, turns(200, 3), scaling, validation);
    const auto again = train_feature_classifier(divided);
    CHECK(again->origin().checksum == trained().origin().checksum);
    CHECK(parameters_of(*again) == parameters_of(trained()));
    CHECK(again->checksum() == trained().checksum());
    const DataSet other = grouped(200, 90, 3, 0.3f);
    CHECK(train_feature_classifier(other)->origin().checksum != trained().origin().checksum);
    CHECK(data.train().size() == 200);
  }

  TEST_CASE("a kept classifier is the one that would be trained, and is not trained again") {
    const ScratchFolder scratch;
    const auto fresh = feature_classifier_of(three_groups(), scratch / "kept");
    CHECK(parameters_of(*fresh) == parameters_of(trained()));
    const auto file = only_file(scratch / "kept");
    CHECK(file.filename().string().starts_with("made-"));
    const auto written = std::filesystem::last_write_time(file);
    const auto found = feature_classifier_of(three_groups(), scratch / "kept");
    CHECK(std::filesystem::last_write_time(only_file(scratch / "kept")) == written);
    CHECK(parameters_of(*found) == parameters_of(trained()));
    CHECK(found->description() == trained().description());
    const Source& test = *three_groups().find("test");
    CHECK(floats(found->features(test)) == floats(trained().features(test)));
    // Nothing is kept where there is no folder to keep it in.
    const auto nowhere = scratch.put("file", "no folder");
    CHECK(feature_classifier_of(three_groups(), nowhere)->checksum() == trained().checksum());
  }

  TEST_CASE("a kept file that is damaged or of other data is made again") {
    const ScratchFolder scratch;
    const auto folder = scratch / "kept";
    feature_classifier_of(three_groups(), folder);
    const auto file = only_file(folder);
    const std::string good = bytes_of(file);
    const auto mended = [&] {
      CHECK(parameters_of(*feature_classifier_of(three_groups(), folder)) ==
            parameters_of(trained()));
      return bytes_of(only_file(folder)) == good;
    };
    SUBCASE("cut off") { std::filesystem::resize_file(file, good.size() / 2); }
    SUBCASE("no file of ours") { std::ofstream(file, std::ios::binary) << "weights"; }
    SUBCASE("of other data") {
      FeatureClassifier::Origin other = trained().origin();
      ++other.checksum;
      FeatureClassifier(other, trained().parameters()).write(file);
    }
    SUBCASE("with other weights") { write_changed(trained(), file, "0.weight", 7.0); }
    CHECK(mended());
  }

  TEST_CASE("a classifier's file that is named is refused for what is wrong with it") {
    const ScratchFolder scratch;
    const auto file = scratch / "c.h5";
    const auto message = [&](const Shape& shape = {3}) -> std::string {
      try {
        FeatureClassifier::read(file, shape);
        return "";
      } catch (const DataError& error) {
        const std::string what = error.what();
        CHECK(what.starts_with(file.string()));
        return what.substr(what.find(": ") + 2);
      }
    };
    CHECK_THROWS_AS(FeatureClassifier::read(file, {3}), DataError);  // there is none
    trained().write(file);
    CHECK(message() == "");
    CHECK(message({4}) ==
          "is a classifier of made, whose samples have another shape than these data's, [4]");
    const auto changed = [&](const std::string& name, const hdf5::Value& value) {
      write_changed(trained(), file, name, value);
      return message();
    };
    CHECK(changed("format", std::string("hourglass-latents")) ==
          "is no classifier that hourglass has written");
    CHECK(
        changed("protocol", std::int64_t{2}) ==
        "is a classifier of protocol 2, and this program knows protocol 1; have one trained anew");
    const std::string attributes = "its attributes cannot be those of a classifier";
    CHECK(changed("classes", std::int64_t{1} << 60) == attributes);
    CHECK(changed("classes", std::int64_t{0}) == attributes);
    CHECK(changed("deviation", 0.0) == attributes);
    CHECK(changed("mean", std::numeric_limits<double>::infinity()) == attributes);
    CHECK(changed("accuracy", 1.5) == attributes);
    CHECK(changed("classes", std::int64_t{4}) ==
          "dataset \"parameters/classes.weight\" should be f32 [4, 64]");
    CHECK(changed("0.weight", std::numeric_limits<double>::quiet_NaN()) ==
          "dataset \"parameters/0.weight\" has numbers that are not finite");
    CHECK(changed("0.weight", 7.0) ==
          "its weights are not those that were written: their checksum differs");
    hdf5::Writer empty(file);
    empty.commit();
    CHECK(message() == "is no classifier that hourglass has written");
  }

  TEST_CASE("data without two classes have no classifier, and a sentence that says what would do") {
    CHECK(fault_of_labels(three_groups()) == "");
    const std::string tail =
        "; name a table's column with dataset.label, an array with dataset.labels_array, or the "
        "file of a classifier that was kept with features, or leave it out";
    const std::string head =
        "measures in the features of a classifier, which is trained on labels of two classes or "
        "more, and the training split has ";
    CHECK(fault_of_labels(small::data(test::source({2, 3}, Floats(6)))) ==
          head + "no labels" + tail);
    DataSet one = small::data(test::source({2, 3}, Floats(6), turns(2, 1)));
    one.classes = 1;
    CHECK(fault_of_labels(one) == head + "labels of one class" + tail);
  }

  TEST_CASE("a classifier whose loss overflows is refused with a way out") {
    Floats values = groups(30, 3, 3, 1);
    values[0] = std::numeric_limits<float>::infinity();
    DataSet data = small::data(test::source({30, 3}, values, turns(30, 3)));
    data.classes = 3;
    CHECK_THROWS_WITH_AS(
        train_feature_classifier(data),
        "the classifier whose features sample_quality measures in cannot be trained: its loss is "
        "not finite at step 0; scale the samples of made (dataset.scaling)",
        DataError);
  }
}
