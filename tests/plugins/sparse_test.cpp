// The variant beside references in plain loops of double.
#include <hourglass/core/error.hpp>
#include <hourglass/statistics/centre.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <doctest/doctest.h>
#include <support/models.hpp>
#include <support/ranges.hpp>
#include <support/scratch_folder.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using Matrix = std::vector<std::vector<double>>;

constexpr std::int64_t kBatchSize = 8, kSparseFeatures = 6, kUnits = 9;

Tensor sparse_data() { return test::uniform({kBatchSize, kSparseFeatures}, 1); }

/// As `options` says, with small random parameters; `plain` switches off what surrounds the code.
std::unique_ptr<Model> sparse(const std::string& penalty, const std::string& more = "") {
  auto model = std::make_unique<Model>(
      test::setup_of("sparse", text("{latent: ", kUnits, ", penalty: ", penalty, more, "}"),
                     Shape{kSparseFeatures}, test::kUnit));
  for (const std::string& path : test::parameter_paths(*model)) {
    Variable& variable = *model->variables().find(path);
    if (path == "code.log_threshold") continue;
    variable.write(test::uniform(variable.shape(), path.size(), -0.6f, 0.6f));
  }
  return model;
}

constexpr const char* kBare = ", unit_norm: false, pre_bias: false";

Matrix matrix(Model& model, const std::string& path) {
  const Tensor tensor = model.variables().find(path)->read();
  const bool row = tensor.shape().rank() == 1;
  const std::int64_t rows = row ? 1 : tensor.shape()[0], columns = tensor.size() / rows;
  Matrix result(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    result[static_cast<std::size_t>(i / columns)].push_back(tensor.floats()[i]);
  }
  return result;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// What a step of the linear model with squared error is, from its parameters before it.
struct Reference {
  explicit Reference(Model& model)
      : encoder(matrix(model, "code.weight")),
        bias(matrix(model, "code.bias")[0]),
        atoms(matrix(model, "decoder.0.weight")),
        centre(matrix(model, "decoder.0.bias")[0]) {
    if (std::ssize(atoms) != kUnits) {  // a code that is not sparse
      Matrix turned(kUnits);
      for (const auto& row : atoms) {
        for (std::size_t u = 0; u < kUnits; ++u) turned[u].push_back(row[u]);
      }
      atoms = turned;
    }
    const Tensor data = sparse_data();
    for (std::int64_t n = 0; n < kBatchSize; ++n) {
      const auto row = data.floats().subspan(n * kSparseFeatures, kSparseFeatures);
      x.emplace_back(row.begin(), row.end());
      auto& score = scores.emplace_back();
      for (std::int64_t u = 0; u < kUnits; ++u) score.push_back(dot(encoder[u], x[n]) + bias[u]);
    }
  }

  std::vector<double> decode(const std::vector<double>& z) const {
    std::vector<double> y = centre;
    for (std::size_t u = 0; u < z.size(); ++u) {
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += z[u] * atoms[u][i];
    }
    return y;
  }

  double error(const Matrix& z) const {
    double sum = 0;
    for (std::size_t n = 0; n < z.size(); ++n) {
      const auto y = decode(z[n]);
      for (std::size_t i = 0; i < y.size(); ++i) sum += (y[i] - x[n][i]) * (y[i] - x[n][i]);
    }
    return sum / static_cast<double>(z.size());
  }

  Matrix encoder;
  std::vector<double> bias;
  Matrix atoms;
  std::vector<double> centre;
  Matrix x, scores;
};

/// The k largest of each row, where they are positive.
Matrix largest_of_rows(const Matrix& scores, std::size_t k) {
  Matrix z;
  for (const auto& row : scores) {
    auto sorted = row;
    std::ranges::sort(sorted, std::greater());
    auto& kept = z.emplace_back(row);
    for (double& each : kept) each = each >= sorted[k - 1] ? std::max(each, 0.0) : 0;
  }
  return z;
}

std::map<std::string, double> tested(Model& model) {
  std::map<std::string, double> result;
  for (const auto& [name, value] : model.evaluate(*test::source_of(sparse_data()), 2)) {
    result[name] = value;
  }
  return result;
}

/// The objective and the parts of one training step.
std::map<std::string, double> trained(Model& model, std::int64_t number = 0) {
  TrainProgram& step = model.train(kBatchSize)[0];
  const Tensor data = sparse_data();
  step.program.feed("input", data.floats().data());
  step.program.run({.seed = model.setup().seed, .step = number});
  std::map<std::string, double> result{{"loss", step.program.fetched(0)[0]}};
  for (std::size_t i = 0; i < step.parts.size(); ++i) {
    result[step.parts[i]] = step.program.fetched(i + 1)[0];
  }
  return result;
}

void check_matrix(const Matrix& got, const Matrix& expected, double within = 2e-4) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    for (std::size_t k = 0; k < got[i].size(); ++k) {
      CAPTURE(i);
      CAPTURE(k);
      CHECK(got[i][k] == doctest::Approx(expected[i][k]).epsilon(within));
    }
  }
}

}  // namespace

TEST_SUITE("plugins/sparse") {
  TEST_CASE("topk keeps the largest of each sample, and its step is that of the dense form") {
    const auto model = sparse("{topk: {k: 2}}", kBare);
    const Reference before(*model);
    const Matrix z = largest_of_rows(before.scores, 2);
    CHECK(tested(*model)["loss"] == doctest::Approx(before.error(z)));
    CHECK(trained(*model)["loss"] == doctest::Approx(before.error(z)));
    Matrix encoder = before.encoder, atoms = before.atoms;
    auto bias = before.bias, centre = before.centre;  // a rate of 1
    for (std::size_t n = 0; n < kBatchSize; ++n) {
      const auto y = before.decode(z[n]);
      std::vector<double> dy;
      for (std::size_t i = 0; i < y.size(); ++i)
        dy.push_back(2 * (y[i] - before.x[n][i]) / kBatchSize);
      for (std::size_t i = 0; i < y.size(); ++i) centre[i] -= dy[i];
      for (std::size_t u = 0; u < kUnits; ++u) {
        if (z[n][u] == 0) continue;
        const double dz = dot(dy, before.atoms[u]);
        bias[u] -= dz;
        for (std::size_t i = 0; i < y.size(); ++i) {
          atoms[u][i] -= z[n][u] * dy[i];
          encoder[u][i] -= dz * before.x[n][i];
        }
      }
    }
    check_matrix(matrix(*model, "decoder.0.weight"), atoms);
    check_matrix(matrix(*model, "code.weight"), encoder);
    check_matrix(matrix(*model, "code.bias"), {bias});
    check_matrix(matrix(*model, "decoder.0.bias"), {centre});
  }

  TEST_CASE("the decoder's bias is taken from the input where it is a sample") {
    const auto model = sparse("{topk: {k: 2}}", ", unit_norm: false");
    Reference before(*model);
    for (std::size_t n = 0; n < kBatchSize; ++n) {
      for (std::size_t u = 0; u < kUnits; ++u) {
        before.scores[n][u] -= dot(before.encoder[u], before.centre);
      }
    }
    const Matrix z = largest_of_rows(before.scores, 2);
    CHECK(tested(*model)["loss"] == doctest::Approx(before.error(z)));
  }

  TEST_CASE("atoms keep the length 1, and their gradients stay across them") {
    const auto model = sparse("{topk: {k: 3}}");
    model->initialise(*test::source_of(sparse_data()));
    for (int number = 0; number < 3; ++number) {
      for (const auto& atom : matrix(*model, "decoder.0.weight")) {
        CHECK(dot(atom, atom) == doctest::Approx(1));
      }
      trained(*model, number);
    }
  }

  TEST_CASE("training begins with the decoder's transpose and the geometric median") {
    const auto model = sparse("{topk: {k: 3}}");
    const auto source = test::source_of(sparse_data());
    model->initialise(*source);
    CHECK(matrix(*model, "code.weight") == matrix(*model, "decoder.0.weight"));
    const Tensor median = geometric_median(*source);
    const auto bias = test::values(*model, "decoder.0.bias");
    CHECK(std::ranges::equal(bias, median.floats()));
  }

  TEST_CASE("k falls from its start, and is another outside training") {
    const auto model = sparse("{topk: {k: 2, k_start: 6, k_epochs: 4, k_test: 3}}", kBare);
    model->set_counts(std::vector<std::int64_t>{0});
    const auto positive = [&](std::size_t k) {
      double sum = 0;
      for (const auto& row : largest_of_rows(Reference(*model).scores, k)) {
        sum += static_cast<double>(std::ranges::count_if(row, [](double v) { return v > 0; }));
      }
      return sum / kBatchSize;
    };
    CHECK(tested(*model)["l0"] == doctest::Approx(positive(3)));
    for (const auto& [step, k] :
         {std::pair(0, 6), std::pair(1, 5), std::pair(4, 2), std::pair(9, 2)}) {
      CAPTURE(step);
      const double expected = positive(static_cast<std::size_t>(k));
      CHECK(trained(*model, step)["l0"] == doctest::Approx(expected));
    }
  }

  TEST_CASE("dead units learn from what the others leave, and others do not") {
    const auto model = sparse("{topk: {k: 1, dead_after: 100}}", kBare);
    const Reference before(*model);
    const Matrix z = largest_of_rows(before.scores, 1);
    std::size_t idle = 0;  // a unit that no sample chooses
    while (std::ranges::any_of(z, [&](const auto& row) { return row[idle] > 0; })) ++idle;
    REQUIRE(idle < kUnits);
    CHECK(trained(*model)["dead_fraction"] == 0);
    const auto fresh = sparse("{topk: {k: 1, dead_after: 100}}", kBare);
    fresh->train(kBatchSize);
    Tensor age({kUnits});
    age.floats()[idle] = 100;
    fresh->variables().find("code.age")->write(age);
    const auto parts = trained(*fresh);
    double left = 0;
    for (std::size_t n = 0; n < kBatchSize; ++n) {
      const auto y = before.decode(z[n]);
      for (std::size_t i = 0; i < y.size(); ++i) {
        const double missing = before.x[n][i] - y[i];
        const double found = before.scores[n][idle] * before.atoms[idle][i];
        left += (found - missing) * (found - missing) / kBatchSize;
      }
    }
    CHECK(parts.at("auxiliary") == doctest::Approx(left));
    CHECK(parts.at("loss") == doctest::Approx(before.error(z) + left / 32));
    CHECK(parts.at("dead_fraction") == doctest::Approx(1.0 / kUnits));
    const Matrix atoms = matrix(*fresh, "decoder.0.weight");
    CHECK(atoms[idle] != before.atoms[idle]);
    CHECK(matrix(*model, "decoder.0.weight")[idle] == before.atoms[idle]);
    // Ages go on: those of active units start anew.
    const auto ages = test::values(*fresh, "code.age");
    for (std::size_t u = 0; u < kUnits; ++u) {
      const bool active = std::ranges::any_of(z, [&](const auto& row) { return row[u] > 0; });
      CHECK(ages[u] == (active ? 0 : u == idle ? 100 + kBatchSize : kBatchSize));
    }
  }

  TEST_CASE("batch_topk shares the units out over the batch, and outside training by a threshold") {
    const auto model = sparse("{batch_topk: {k: 2}}", kBare);
    const auto least_chosen = [&] {
      std::vector<double> all;
      for (const auto& row : Reference(*model).scores)
        all.insert(all.end(), row.begin(), row.end());
      std::ranges::sort(all, std::greater());
      return all[2 * kBatchSize - 1];
    };
    const double first = least_chosen();
    REQUIRE(first > 0);
    CHECK(trained(*model)["l0"] == 2);
    CHECK(test::values(*model, "code.threshold")[0] == doctest::Approx(first));
    const double second = least_chosen();
    trained(*model, 1);
    const double threshold = 0.99 * first + 0.01 * std::max(second, 0.0);
    CHECK(test::values(*model, "code.threshold")[0] == doctest::Approx(threshold));
    const Reference now(*model);
    const auto codes = test::codes(*model, sparse_data());
    for (std::size_t n = 0; n < kBatchSize; ++n) {
      for (std::size_t u = 0; u < kUnits; ++u) {
        const double score = now.scores[n][u];
        CHECK(codes[n * kUnits + u] ==
              doctest::Approx(score > threshold ? score : 0).epsilon(1e-4));
      }
    }
  }

  TEST_CASE("an evaluation of a sparse code has the parts that its training has, by their names") {
    for (const char* penalty :
         {"{topk: {k: 2, dead_after: 100}}", "{batch_topk: {k: 2, dead_after: 100}}"}) {
      CAPTURE(penalty);
      const auto model = sparse(penalty, kBare);
      const auto training = trained(*model);
      Tensor age({kUnits});
      for (const std::size_t unit : {1, 4, 5}) age.floats()[unit] = 100;
      model->variables().find("code.age")->write(age);
      const auto evaluation = tested(*model);
      REQUIRE(evaluation.size() == training.size());
      for (const auto& [name, value] : training) CHECK(evaluation.contains(name));
      double active = 0;
      for (const float each : test::codes(*model, sparse_data())) active += each != 0 ? 1 : 0;
      CHECK(evaluation.at("l0") == doctest::Approx(active / kBatchSize));
      CHECK(evaluation.at("density") == doctest::Approx(active / kBatchSize / kUnits));
      CHECK(evaluation.at("dead_fraction") == doctest::Approx(3.0 / kUnits));
      CHECK(evaluation.at("auxiliary") > 0);
      CHECK(evaluation.at("loss") ==
            doctest::Approx(evaluation.at("error") + evaluation.at("auxiliary") / 32));
    }
  }

  TEST_CASE("kl, summed over units, compares the batch's mean with the rate") {
    const auto model = sparse("{kl: {rate: 0.1, weight: 3}}", ", pre_bias: false");
    const Reference before(*model);
    Matrix z = before.scores;
    double divergence = 0;
    for (std::size_t u = 0; u < kUnits; ++u) {
      double mean = 0;
      for (auto& row : z) mean += (row[u] = 1 / (1 + std::exp(-row[u]))) / kBatchSize;
      divergence += 0.1 * std::log(0.1 / mean) + 0.9 * std::log(0.9 / (1 - mean));
    }
    const auto parts = tested(*model);
    CHECK(parts.at("penalty") == doctest::Approx(3 * divergence));
    CHECK(parts.at("error") == doctest::Approx(before.error(z)));
    CHECK(parts.at("loss") == doctest::Approx(before.error(z) + 3 * divergence));
  }

  TEST_CASE("l1 is the sum of the code") {
    const auto model = sparse("{l1: {weight: 0.5}}", kBare);
    const Reference before(*model);
    Matrix z = before.scores;
    double sum = 0;
    for (auto& row : z) {
      for (double& each : row) sum += (each = std::max(each, 0.0)) / kBatchSize;
    }
    const auto parts = tested(*model);
    CHECK(parts.at("penalty") == doctest::Approx(0.5 * sum));
    CHECK(parts.at("loss") == doctest::Approx(before.error(z) + 0.5 * sum));
  }

  TEST_CASE("jumprelu opens above its threshold, which moves by what is near it") {
    const auto model = sparse("{jumprelu: {weight: 0.3, threshold: 0.2, bandwidth: 0.3}}", kBare);
    const Reference before(*model);
    Matrix z = before.scores;
    double active = 0;
    for (auto& row : z) {
      for (double& each : row) {
        active += each > 0.2 ? 1.0 / kBatchSize : 0;
        if (each <= 0.2) each = 0;
      }
    }
    const auto parts = trained(*model);
    CHECK(parts.at("penalty") == doctest::Approx(0.3 * active));
    CHECK(parts.at("error") == doctest::Approx(before.error(z)));
    // d/d log threshold = threshold d/d threshold, of which each score in the window has a part:
    // -1/width of the penalty, and -threshold/width of the code's own gradient.
    const auto moved = test::values(*model, "code.log_threshold");
    for (std::size_t u = 0; u < kUnits; ++u) {
      double gradient = 0;
      for (std::size_t n = 0; n < kBatchSize; ++n) {
        if (std::abs(before.scores[n][u] - 0.2) >= 0.15) continue;
        const auto y = before.decode(z[n]);
        double dz = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
          dz += 2 * (y[i] - before.x[n][i]) * before.atoms[u][i];
        }
        gradient -= 0.2 / 0.3 * (0.3 + 0.2 * dz) / kBatchSize;
      }
      CHECK(moved[u] == doctest::Approx(std::log(0.2) - gradient).epsilon(1e-4));
    }
  }

  TEST_CASE("a checkpoint holds the atoms as a decoder's weight, and opens to the same model") {
    for (const std::int64_t units : {kUnits, kSparseFeatures}) {  // square, too
      CAPTURE(units);
      const ScratchFolder folder;
      ModelSetup setup =
          test::setup_of("sparse", text("{latent: ", units, ", penalty: {topk: {k: 2}}}"),
                         Shape{kSparseFeatures}, test::kUnit);
      setup.optimizer = AdamOptions();
      Model model(setup);
      test::step(model, sparse_data());
      const auto path = folder / "a.h5";
      write_checkpoint(path, model, {"sparse", "1.0.0", "name: a\n"}, {});
      const hdf5::Reader file(path);
      const Tensor weight = file.read("parameters/decoder.0.weight");
      CHECK(weight.shape() == Shape{kSparseFeatures, units});
      const Matrix atoms = matrix(model, "decoder.0.weight");
      CHECK(weight.floats()[1] == static_cast<float>(atoms[1][0]));
      CHECK(file.shape("optimizer/reconstruction/decoder.0.weight/m") == weight.shape());
      Model opened(setup);
      open_weights(path, opened);
      const auto before = test::reconstructions(model, sparse_data());
      const auto after = test::reconstructions(opened, sparse_data());
      for (std::size_t i = 0; i < before.size(); ++i) {
        CHECK(after[i] == doctest::Approx(before[i]).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("hidden layers, convolutions and cross-entropy go with every penalty") {
    for (const char* penalty : {"topk", "batch_topk", "l1", "kl", "jumprelu"}) {
      for (const char* encoder :
           {"{dense: 5, activation: relu}", "{conv: 3, activation: relu}, {maxpool: 2}"}) {
        CAPTURE(penalty);
        CAPTURE(encoder);
        const Shape shape{6, 6};
        Model model(test::setup_of("sparse",
                                   text("{latent: 40, penalty: ", penalty,
                                        ", loss: binary_cross_entropy, encoder: [", encoder, "]}"),
                                   shape, test::kUnit));
        const Tensor samples = test::uniform({4, 6, 6}, 2);
        CHECK(std::isfinite(test::step(model, samples)));
        CHECK(test::reconstructions(model, samples).size() == 4 * 36);
      }
    }
  }

  TEST_CASE("a sparse code refuses what it cannot do, with what would do") {
    const auto fault = [](const std::string& options, const std::string& message) {
      CAPTURE(options);
      const auto build = [&] {
        Model model(test::setup_of("sparse", "{latent: 8, " + options + "}", Shape{kSparseFeatures},
                                   {.least = -1, .greatest = 1}));
        model.parameter_count();
      };
      CHECK_THROWS_WITH_AS(build(), doctest::Contains(message.c_str()), OptionError);
    };
    fault("penalty: {topk: {k: 9}}", "model.penalty.topk.k is 9, but there are 8 units");
    fault("penalty: {topk: {k: 4, k_test: 20}}", "model.penalty.topk.k_test is 20");
    fault("penalty: {topk: {k: 4, k_start: 3}}", "must be at least k, which is 4");
    fault("penalty: {batch_topk: {k: 9}}", "model.penalty.batch_topk.k is 9");
    fault("penalty: {topk: {k: 2, auxiliary_k: 9}}", "must be at most the 8 units");
    fault("penalty: {topk: {k: 2, auxiliary_weight: 0.1}}, encoder: [{dense: 5}]",
          "is for a decoder of one layer");
    fault("pre_bias: true, penalty: kl, encoder: [{dense: 5}]", "is for a decoder of one layer");
    fault("loss: binary_cross_entropy, penalty: kl", "binary_cross_entropy");
  }
}

}  // namespace hourglass
