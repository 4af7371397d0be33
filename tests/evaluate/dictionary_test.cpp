#include "measures.hpp"
#include "small_model.hpp"

#include <hourglass/core/random.hpp>
#include <hourglass/evaluate/dictionary.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace hourglass;

namespace {

Tensor matrix_of(const Shape& shape, const std::vector<float>& values) {
  Tensor tensor(shape);
  std::ranges::copy(values, tensor.floats().begin());
  return tensor;
}

// Three units of two numbers, whose atoms are (0, -2), (3, 3) and (0, 0).
DataSet known_directions(const std::vector<float>& directions) {
  DataSet data =
      small::data(test::source({4, 2}, {5, 0, 0, 1, -5, 0, 0, -1}), test::source({1, 2}, {0, 0}));
  data.directions = matrix_of({static_cast<std::int64_t>(directions.size()) / 2, 2}, directions);
  return data;
}

std::unique_ptr<Model> three_atoms() {
  auto model = small::make("{latent: 3}", {2});
  small::set(*model, "decoder.0.weight", {0, 3, 0, -2, 3, 0});
  return model;
}

}  // namespace

TEST_SUITE("evaluate/dictionary") {
  TEST_CASE("atoms that are the directions in another order, length and sign match wholly") {
    const Tensor directions = test::normal({40, 9}, 5);
    const auto order = permutation(40, 3, "order", 0);
    Tensor atoms(directions.shape());
    for (std::size_t i = 0; i < 40; ++i) {
      const float scale = (i % 2 == 0 ? -1.0f : 1.0f) * static_cast<float>(i + 1);
      for (std::size_t k = 0; k < 9; ++k) {
        atoms.floats()[i * 9 + k] = scale * directions.floats()[order[i] * 9 + k];
      }
    }
    const DictionaryMatch match = match_dictionary(atoms, directions);
    CHECK(match.matched_cosine == doctest::Approx(1).epsilon(1e-5));
    CHECK(match.best_cosine == doctest::Approx(1).epsilon(1e-5));
    CHECK(match.recovered == 40);
  }

  TEST_CASE("two atoms of one direction count once one to one, and twice by the best") {
    const Tensor directions = matrix_of({3, 2}, {1, 0, 0, 1, 0.6f, 0.8f});
    const Tensor atoms = matrix_of({2, 2}, {2, 0, 2, 0});
    const DictionaryMatch match = match_dictionary(atoms, directions);
    CHECK(match.matched_cosine == doctest::Approx((1 + 0.6) / 2));
    CHECK(match.best_cosine == doctest::Approx(1));
    CHECK(match.recovered == 1);
  }

  TEST_CASE("more atoms than directions are matched as far as there are directions") {
    const Tensor directions = matrix_of({1, 2}, {0, 2});
    const Tensor atoms = matrix_of({3, 2}, {3, 4, 0, 0, 1, 0});
    const DictionaryMatch match = match_dictionary(atoms, directions);
    CHECK(match.matched_cosine == doctest::Approx(0.8));
    CHECK(match.best_cosine == doctest::Approx(0.8 / 3));
    CHECK(match.recovered == 0);
  }

  TEST_CASE("random directions match as well as chance has it") {
    // In two dimensions the angle to one random line is uniform in [0, 90] degrees: 2 / pi.
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      sum += match_dictionary(test::normal({1, 2}, 2 * seed), test::normal({1, 2}, 2 * seed + 1))
                 .matched_cosine;
    }
    CHECK(sum / 2000 == doctest::Approx(2 / 3.14159265).epsilon(0.03));
  }

  TEST_CASE("the measure holds the decoder's columns to the data's directions") {
    const auto model = three_atoms();
    const DataSet data = known_directions({0, 1, 1, 0, 0.28f, 0.96f, -0.6f, 0.8f});
    const Measures measures = test::measured("dictionary", *model, data);
    // The best pairs: 1 of (0, 1), cos 45 degrees of (1, 0) against (0.28 + 0.96) / sqrt(2) of the
    // third, and nothing of zeros.
    const double second = 1.24 / std::sqrt(2);
    CHECK(test::number(measures, "test/dictionary/matched_cosine") ==
          doctest::Approx((1 + second) / 3));
    CHECK(test::number(measures, "test/dictionary/best_cosine") ==
          doctest::Approx((1 + second) / 3));
    CHECK(test::number(measures, "test/dictionary/recovered") == 2);  // 1 and 0.96 of the first
    // The samples vary along the axes.
    CHECK(test::number(measures, "pca/test/dictionary/matched_cosine") == doctest::Approx(1));
    CHECK(test::number(measures, "pca/test/dictionary/recovered") == 3);
    const double chance = test::number(measures, "random/test/dictionary/matched_cosine");
    CHECK(chance > 0);
    CHECK(chance <= 1);
    CHECK(test::protocol(measures, "test/dictionary/matched_cosine") ==
          "|cosine| of the decoder's columns (3) with the data's directions (4), mean over the 3 "
          "pairs of the one-to-one pairing with the largest sum");
  }

  TEST_CASE("directions are taken in the model's scale") {
    const auto model = small::make("{latent: 1}", {2});
    small::set(*model, "decoder.0.weight", {1, 1});
    DataSet data = known_directions({4, 1});
    data.scaling = std::make_shared<FittedScaling>(Scaling::Standardise, std::vector<double>{4, 1},
                                                   std::vector<double>{3, 3}, ValueRange());
    CHECK(test::number(test::measured("dictionary", *model, data),
                       "test/dictionary/matched_cosine") == doctest::Approx(1));
  }

  TEST_CASE("a pairing that would take hours is refused") {
    const auto model = small::make("{latent: 20000}", {2});
    const DataSet data = known_directions(std::vector<float>(40'000, 1));
    CHECK(make_metric({"dictionary"})->fault(*model, data) ==
          "would take hours to pair 20000 units with 20000 directions one to one; take fewer of "
          "either, or leave it out");
  }

  TEST_CASE("data without directions and decoders without columns are refused") {
    const auto metric = make_metric({"dictionary"});
    const auto model = three_atoms();
    DataSet data = known_directions({0, 1});
    CHECK(metric->fault(*model, data).empty());
    const auto deep = small::make("{latent: 3, encoder: [{dense: 5, activation: relu}]}", {2});
    CHECK(metric->fault(*deep, data) ==
          "needs a decoder of one dense layer, whose columns are what units stand for; leave out "
          "model.encoder and model.decoder, or leave it out");
    data.directions = Tensor();
    CHECK(metric->fault(*model, data) ==
          "needs data that are sums of known directions, and these are not known to be; choose "
          "the data set features, or leave it out");
  }
}
