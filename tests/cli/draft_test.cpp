#include <cli/draft.hpp>

#include <doctest/doctest.h>
#include <support/program.hpp>

using namespace hourglass;

namespace {

DataSet data_with(Tensor samples) {
  DataSet data;
  data.name = "things";
  data.title = "Things";
  data.sample_shape = samples.shape().without(0);
  data.scaling = std::make_shared<FittedScaling>(Scaling::None, samples);
  data.splits["train"] = std::make_shared<MemorySource>(samples, Labels(), data.scaling);
  return data;
}

Tensor filled(const Shape& shape, float value) {
  Tensor tensor(shape);
  for (float& each : tensor.floats()) each = value;
  return tensor;
}

std::string draft(const DataSet& data) {
  const std::vector<OptionRow> options = {
      {"latent", "int", "32", ">= 1", ""},
      {"loss", "name", "squared_error",
       "one of squared_error, binary_cross_entropy, categorical_cross_entropy", ""},
      {"encoder", "list", "[]", "", ""}};
  return cli::draft_experiment(data, {.dataset = "things.npy", .variant = "vanilla"}, options);
}

}  // namespace

TEST_SUITE("cli/draft") {
  TEST_CASE("the loss goes with the values") {
    CHECK(contains(draft(data_with(filled({4, 3}, 0.5f))), "  loss: binary_cross_entropy "));
    CHECK(contains(draft(data_with(filled({4, 3}, 2))), "  loss: squared_error "));
    CHECK(contains(draft(data_with(filled({4, 3}, 2))),
                   "# or unit, symmetric, standardise, minmax\n"));
    CHECK(draft(data_with(filled({1, 3}, 2))).starts_with("# Things: 1 training sample of"));
    CHECK(contains(draft(data_with(filled({4, 2}, 0.5f))), "  loss: categorical_cross_entropy "));
  }

  TEST_CASE("layers and code go with the number of features") {
    const std::string image = draft(data_with(filled({4, 28, 28}, 1)));
    CHECK(
        contains(image, "- {dense: 512, activation: relu}\n    - {dense: 256, activation: relu}"));
    CHECK(contains(image, "  latent: 32 "));
    const std::string narrow = draft(data_with(filled({4, 2}, 3)));
    CHECK(contains(narrow, "- {dense: 32, activation: relu}"));
    CHECK(contains(narrow, "  latent: 1 "));
  }

  TEST_CASE("few samples are not split further, and are seen more often") {
    const std::string few = draft(data_with(filled({99, 4}, 3)));
    CHECK_FALSE(contains(few, "validation"));
    CHECK(contains(few, "  epochs: 200\n  batch: 16\n"));
    const std::string many = draft(data_with(filled({60'000, 1}, 3)));
    CHECK(contains(many, "  validation: 0.1 "));
    CHECK(contains(many, "  epochs: 20\n  batch: 128\n"));
  }

  TEST_CASE("options that the variant does not have are left out") {
    const std::string bare = cli::draft_experiment(data_with(filled({4, 3}, 0)),
                                                   {.dataset = "things.npy", .variant = "odd"}, {});
    CHECK_FALSE(contains(bare, "loss:"));
    CHECK_FALSE(contains(bare, "latent:"));
    CHECK(contains(bare, "\nvariant: odd\n"));
  }

  TEST_CASE("a variant's own layers are taken, and a code that need not be is left out") {
    const std::vector<OptionRow> options = {
        {"latent", "int", "null", ">= 1", ""},
        {"encoder", "list", "[{conv: 16, activation: relu}, {maxpool: 2}]", "", ""}};
    const std::string file = cli::draft_experiment(
        data_with(filled({4, 3}, 0)), {.dataset = "things.npy", .variant = "conv"}, options);
    CHECK(contains(file, "  encoder:\n    - {conv: 16, activation: relu}\n    - {maxpool: 2}\n"));
    CHECK(contains(file, "  latent: null "));
  }

  TEST_CASE("a variant that weighs what is corrupted gets a corruption, and its measure") {
    const std::vector<OptionRow> options = {{"corrupted_weight", "number", "1.0", ">= 0", ""}};
    const std::string file = cli::draft_experiment(
        data_with(filled({4, 3}, 0)), {.dataset = "things.npy", .variant = "denoising"}, options);
    CHECK(contains(file, "\ncorruption: [{gaussian: 0.5}] "));
    CHECK(contains(file, "\nevaluate: [reconstruction, denoising]\n"));
    CHECK_FALSE(contains(draft(data_with(filled({4, 3}, 0))), "corruption"));
  }

  TEST_CASE("names that mean something in YAML are quoted") {
    DataSet data = data_with(filled({4, 3}, 0));
    data.title = "a\nb: c";
    const std::string file = cli::draft_experiment(
        data, {.dataset = "a #b: {c}.npy", .array = "1", .variant = "vanilla"}, {});
    CHECK(contains(file, "\n  name: \"a #b: {c}.npy\"\n"));
    CHECK(contains(file, "\n  array: \"1\"\n"));
    CHECK(file.starts_with("# a b: c: 4 training samples"));
  }
}
