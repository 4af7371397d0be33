// The variant beside a codebook in plain loops of double.
#include <hourglass/nn/shaped_prior.hpp>

#include <doctest/doctest.h>
#include <support/models.hpp>
#include <support/ranges.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using VqMatrix = std::vector<std::vector<double>>;

constexpr std::int64_t kQuantised = 5, kOfQuantised = 6, kPositions = 2, kWidth = 3, kEntries = 4;
constexpr std::int64_t kVectors = kQuantised * kPositions;

Tensor vq_data() { return test::uniform({kQuantised, kOfQuantised}, 1); }

std::unique_ptr<Model> vq(const std::string& more = "") {
  return std::make_unique<Model>(test::setup_of(
      "vq",
      text("{latent: ", kPositions, ", width: ", kWidth, ", entries: ", kEntries,
           ", likelihood: gaussian, commitment: 0.5, decay: 0.9, least_use: 0.1", more, "}"),
      Shape{kOfQuantised}, test::kUnit));
}

VqMatrix vq_rows(const std::vector<float>& numbers, std::size_t width) {
  VqMatrix rows;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i % width == 0) rows.emplace_back();
    rows.back().push_back(numbers[i]);
  }
  return rows;
}

std::vector<double> vq_layer(Model& model, const std::string& layer, const std::vector<double>& x) {
  const auto w = test::values(model, layer + ".weight"), b = test::values(model, layer + ".bias");
  std::vector<double> y(b.begin(), b.end());
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += w[o * x.size() + i] * x[i];
  }
  return y;
}

double vq_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// Gives the codebook's state, by hand.
void set_codebook(Model& model, const std::vector<float>& use) {
  Variable& entries = *model.variables().find("code.entries");
  entries.write(test::uniform(entries.shape(), 5, -0.5f, 0.5f));
  Tensor uses({kEntries});
  std::ranges::copy(use, uses.floats().begin());
  model.variables().find("code.use")->write(uses);
}

/// What a batch does, from the parameters and the codebook before it.
struct VqReference {
  /// In training, entries make room for vectors that step `step` draws.
  VqReference(Model& model, bool training, std::int64_t step = 0) {
    const Tensor samples = vq_data();
    for (std::int64_t n = 0; n < kQuantised; ++n) {
      const auto row = samples.floats().subspan(n * kOfQuantised, kOfQuantised);
      x.emplace_back(row.begin(), row.end());
      const auto scores = vq_layer(model, "code", x.back());
      for (std::size_t at = 0; at < scores.size(); at += kWidth) {
        vectors.emplace_back(scores.begin() + at, scores.begin() + at + kWidth);
      }
    }
    entries = vq_rows(test::values(model, "code.entries"), kWidth);
    for (const float each : test::values(model, "code.use")) use.push_back(each);
    if (training) replace_rare(model, step);
    choose();
    for (std::int64_t n = 0; n < kQuantised; ++n) {
      std::vector<double> code = entries[chosen[n * kPositions]];
      const auto& second = entries[chosen[n * kPositions + 1]];
      code.insert(code.end(), second.begin(), second.end());
      codes.push_back(code);
      outputs.push_back(vq_layer(model, "decoder.0", code));
      error += vq_distance(outputs[n], x[n]) / (2.0 * kQuantised);
    }
    error += kOfQuantised * std::log(2 * std::numbers::pi) / 2;
  }

  void replace_rare(Model& model, std::int64_t step) {
    Graph graph;
    const Value drawn = random_choice(graph, kEntries, kVectors, "drawn");
    Arena arena;
    Program program(graph, {drawn}, {}, arena);
    program.run({.seed = model.setup().seed, .step = step});
    const auto numbers = program.fetched(0);
    for (std::size_t k = 0; k < kEntries; ++k) {
      if (use[k] >= 0.1 / kEntries) continue;
      replaced.push_back(k);
      const auto row = numbers.subspan(k * kVectors, kVectors);
      entries[k] = vectors[static_cast<std::size_t>(std::ranges::find(row, 1.0f) - row.begin())];
      use[k] = 1.0 / kEntries;
    }
  }

  /// The nearest entries, and the moving averages that come of it.
  void choose() {
    std::vector<double> share(kEntries);
    VqMatrix sums(kEntries, std::vector<double>(kWidth));
    for (const auto& vector : vectors) {
      std::size_t best = 0;
      for (std::size_t k = 1; k < kEntries; ++k) {
        if (vq_distance(vector, entries[k]) < vq_distance(vector, entries[best])) best = k;
      }
      chosen.push_back(best);
      share[best] += 1.0 / kVectors;
      for (std::size_t i = 0; i < kWidth; ++i) sums[best][i] += vector[i] / kVectors;
      distance += vq_distance(vector, entries[best]) / kQuantised;
    }
    double entropy = 0;
    for (std::size_t k = 0; k < kEntries; ++k) {
      if (share[k] > 0) entropy -= share[k] * std::log(share[k]);
      next_use.push_back(0.9 * use[k] + 0.1 * share[k]);
      next_entries.push_back(entries[k]);
      for (std::size_t i = 0; i < kWidth; ++i) {
        next_entries[k][i] = (0.9 * use[k] * entries[k][i] + 0.1 * sums[k][i]) / next_use[k];
      }
    }
    perplexity = std::exp(entropy);
  }

  VqMatrix x, vectors, entries, codes, outputs, next_entries;
  std::vector<double> use, next_use;
  std::vector<std::size_t> chosen, replaced;
  double error = 0, distance = 0, perplexity = 0;
};

void check_vq_rows(const std::vector<float>& got, const VqMatrix& expected) {
  std::size_t i = 0;
  for (const auto& row : expected) {
    for (const double each : row) CHECK(got.at(i++) == doctest::Approx(each).epsilon(1e-4));
  }
  CHECK(i == got.size());
}

/// One training step, and all that it says.
std::map<std::string, double> train_vq(Model& model, std::int64_t number) {
  TrainProgram& step = model.train(kQuantised)[0];
  const Tensor samples = vq_data();
  step.program.feed("input", samples.floats().data());
  step.program.run({.seed = model.setup().seed, .step = number});
  std::map<std::string, double> result{{"loss", step.program.fetched(0)[0]}};
  for (std::size_t i = 0; i < step.parts.size(); ++i) {
    result[step.parts[i]] = step.program.fetched(i + 1)[0];
  }
  return result;
}

void check_vq_parts(std::map<std::string, double> got, const VqReference& expected) {
  CHECK(got["error"] == doctest::Approx(expected.error));
  CHECK(got["commitment"] == doctest::Approx(expected.distance).epsilon(1e-4));
  CHECK(got["perplexity"] == doctest::Approx(expected.perplexity));
  CHECK(got["loss"] == doctest::Approx(expected.error + 0.5 * expected.distance));
}

}  // namespace

TEST_SUITE("plugins/vq") {
  TEST_CASE("a code is made of the entries nearest to the encoder's vectors") {
    const auto model = vq();
    model->parameter_count();
    set_codebook(*model, {0.25f, 0.25f, 0.25f, 0.25f});
    const VqReference expected(*model, false);
    CHECK(expected.perplexity > 1.5);
    check_vq_rows(test::codes(*model, vq_data()), expected.codes);
    check_vq_rows(test::reconstructions(*model, vq_data()), expected.outputs);
    std::map<std::string, double> losses;
    for (const auto& [name, value] : model->evaluate(*test::source_of(vq_data()), 2)) {
      losses[name] = value;
    }
    check_vq_parts(losses, expected);
    CHECK(model->code_shape() == Shape{kPositions * kWidth});
  }

  TEST_CASE("a code from elsewhere is decoded as the entries nearest to it") {
    const auto model = vq();
    model->parameter_count();
    set_codebook(*model, {0.25f, 0.25f, 0.25f, 0.25f});
    const VqReference expected(*model, false);
    Tensor near({kQuantised, kPositions * kWidth});
    for (std::int64_t i = 0; i < near.size(); ++i) {
      near.floats()[i] =
          static_cast<float>(expected.codes[i / 6][i % 6]) + (i % 2 ? 1e-3f : -1e-3f);
    }
    const Tensor decoded = model->decode(near);
    check_vq_rows({decoded.floats().begin(), decoded.floats().end()}, expected.outputs);
  }

  TEST_CASE("the first batch gives all entries, and later ones move them by what chooses them") {
    const auto model = vq();
    model->train(kQuantised);
    for (const std::int64_t step : {0, 1, 2}) {
      CAPTURE(step);
      const VqReference expected(*model, true, step);
      CHECK(expected.replaced.size() == (step == 0 ? kEntries : 0));
      check_vq_parts(train_vq(*model, step), expected);
      check_vq_rows(test::values(*model, "code.entries"), expected.next_entries);
      check_vq_rows(test::values(*model, "code.use"), {expected.next_use});
    }
  }

  TEST_CASE("an entry that is hardly used makes room for a vector of the batch") {
    const auto model = vq();
    model->train(kQuantised);
    set_codebook(*model, {0.5f, 0.024f, 0.026f, 0.45f});
    const VqReference expected(*model, true, 7);
    CHECK(expected.replaced == std::vector<std::size_t>{1});
    check_vq_parts(train_vq(*model, 7), expected);
    check_vq_rows(test::values(*model, "code.entries"), expected.next_entries);
    check_vq_rows(test::values(*model, "code.use"), {expected.next_use});
  }

  TEST_CASE("the encoder gets the decoder's gradient as it is, and that of the commitment") {
    const auto model = vq();
    model->train(kQuantised);
    set_codebook(*model, {0.25f, 0.25f, 0.25f, 0.25f});
    const VqReference expected(*model, true, 3);
    const auto weight = test::values(*model, "decoder.0.weight");
    const auto before = test::values(*model, "code.bias");
    std::vector<double> gradient(kPositions * kWidth);
    for (std::size_t n = 0; n < kQuantised; ++n) {
      for (std::size_t z = 0; z < gradient.size(); ++z) {
        const double vector = expected.vectors[n * kPositions + z / kWidth][z % kWidth];
        gradient[z] += 2 * 0.5 * (vector - expected.codes[n][z]) / kQuantised;
        for (std::size_t o = 0; o < kOfQuantised; ++o) {
          gradient[z] += (expected.outputs[n][o] - expected.x[n][o]) *
                         weight[o * gradient.size() + z] / kQuantised;
        }
      }
    }
    train_vq(*model, 3);
    const auto after = test::values(*model, "code.bias");
    for (std::size_t z = 0; z < gradient.size(); ++z) {
      CHECK(before[z] - after[z] == doctest::Approx(gradient[z]).epsilon(1e-3));
    }
  }

  TEST_CASE("more entries than vectors, and images with convolutions, train as well") {
    Model model(test::setup_of("vq",
                               "{latent: 3, width: 2, entries: 50, "
                               "encoder: [{conv: 3, activation: relu}, {maxpool: 2}]}",
                               {6, 4}, test::kUnit));
    const Tensor samples = test::uniform({kQuantised, 6, 4}, 2);
    for (const std::int64_t step : {0, 1, 2})
      CHECK(std::isfinite(test::step(model, samples, step)));
    for (const float each : test::values(model, "code.use")) CHECK(each > 0);
  }
}

}  // namespace hourglass
