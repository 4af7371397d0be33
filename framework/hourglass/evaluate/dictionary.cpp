#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/dictionary.hpp>
#include <hourglass/evaluate/unit_tables.hpp>
#include <hourglass/statistics/assignment.hpp>
#include <hourglass/statistics/pca.hpp>
#include <hourglass/statistics/product.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace hourglass {
namespace {

// Steps of the pairing at worst, fewer^2 more: beyond, it would take hours.
constexpr double kMostPairing = 1e12;

// Rows of length 1; those of zeros stay.
Tensor normalised(const Tensor& rows) {
  Tensor unit(rows.shape());
  const std::int64_t size = rows.shape()[1];
  for (std::int64_t i = 0; i < rows.shape()[0]; ++i) {
    const auto row = rows.floats().subspan(i * size, size);
    double squares = 0;
    for (const float value : row) squares += double{value} * value;
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    std::ranges::transform(row, unit.floats().begin() + i * size,
                           [&](float value) { return static_cast<float>(value * scale); });
  }
  return unit;
}

// |cosine| of every pair: [atoms, directions].
Tensor cosines(const Tensor& atoms, const Tensor& directions) {
  const Tensor a = normalised(atoms), b = normalised(directions);
  const std::int64_t rows = a.shape()[0], columns = b.shape()[0], size = a.shape()[1];
  Tensor products(Shape{rows, columns});
  Product({rows, size}, {size, columns, true})(a.floats().data(), b.floats().data(),
                                               products.floats().data());
  for (float& each : products.floats()) each = std::min(std::abs(each), 1.0f);
  return products;
}

// The file's values have been divided by the scale.
Tensor in_models_scale(const Tensor& directions, const FittedScaling& scaling) {
  Tensor scaled(directions.shape());
  const auto size = static_cast<std::size_t>(directions.shape()[1]);
  for (std::size_t i = 0; i < directions.floats().size(); ++i) {
    const double scale = scaling.scale()[scaling.scale().size() == 1 ? 0 : i % size];
    scaled.floats()[i] = static_cast<float>(directions.floats()[i] / scale);
  }
  return scaled;
}

Tensor random_directions(const Shape& shape, std::uint64_t seed) {
  Tensor directions(shape);
  RandomStream random(seed, "dictionary");
  for (float& value : directions.floats()) value = random.normal();
  return directions;
}

}  // namespace

DictionaryMatch match_dictionary(const Tensor& atoms, const Tensor& directions) {
  const Tensor all = cosines(atoms, directions);
  const std::int64_t units = all.shape()[0], features = all.shape()[1];
  const auto cosine = [&](std::int64_t unit, std::int64_t feature) {
    return double{all.floats()[unit * features + feature]};
  };
  DictionaryMatch match;
  const auto pairs = best_assignment(all.floats(), units, features);
  for (std::int64_t unit = 0; unit < units; ++unit) {
    if (pairs[unit] >= 0) match.matched_cosine += cosine(unit, pairs[unit]);
    match.best_cosine += double{std::ranges::max(all.floats().subspan(unit * features, features))};
  }
  match.matched_cosine /= static_cast<double>(std::min(units, features));
  match.best_cosine /= static_cast<double>(units);
  for (std::int64_t feature = 0; feature < features; ++feature) {
    std::int64_t unit = 0;
    while (unit < units && !(cosine(unit, feature) > DictionaryMatch::kRecovered)) ++unit;
    if (unit < units) ++match.recovered;
  }
  return match;
}

std::string DictionaryMetric::fault(Model& model, const DataSet& data) const {
  if (data.directions.empty()) {
    return "needs data that are sums of known directions, and these are not known to be; choose "
           "the data set features, or leave it out";
  }
  model.code_shape();  // writes the decoder
  const std::optional<Tensor> learnt = atoms(model, data);
  if (!learnt) {
    return "needs a decoder of one dense layer, whose columns are what units stand for; leave out "
           "model.encoder and model.decoder, or leave it out";
  }
  const std::int64_t units = learnt->shape()[0], features = data.directions.shape()[0];
  const auto [fewer, more] = std::minmax({units, features});
  if (static_cast<double>(fewer) * static_cast<double>(fewer * more) > kMostPairing) {
    return text("would take hours to pair ", units, " units with ", features,
                " directions one to one; take fewer of either, or leave it out");
  }
  return "";
}

void DictionaryMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const Tensor directions = in_models_scale(evaluation.data.directions, *evaluation.data.scaling);
  const std::int64_t features = directions.shape()[0];
  const auto report = [&](const std::string& prefix, const Tensor& found, const std::string& what) {
    const DictionaryMatch match = match_dictionary(found, directions);
    const auto add = [&](const char* quantity, double value, const std::string& how) {
      const std::string name = prefix + evaluation.named(text("dictionary/", quantity));
      measures.add(name, value);
      measures.explain(name, how);
    };
    const std::int64_t count = found.shape()[0];
    const std::string sides =
        text("|cosine| of ", what, " (", count, ") with the data's directions (", features, ")");
    add("matched_cosine", match.matched_cosine,
        text(sides, ", mean over the ", std::min(count, features),
             " pairs of the one-to-one pairing with the largest sum"));
    add("best_cosine", match.best_cosine, text(sides, ", the largest of each of the former, mean"));
    add("recovered", static_cast<double>(match.recovered),
        text(sides, "; how many of the latter have one above 0.9"));
  };
  const Tensor learnt = *atoms(evaluation.model, evaluation.data);
  report("", learnt, "the decoder's columns");
  report("random/", random_directions(learnt.shape(), evaluation.seed), "random directions");
  report("pca/", evaluation.pca().components,
         text("the training split's principal components, at most as many as units"));
}

}  // namespace hourglass
