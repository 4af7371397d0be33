#include <hourglass/core/random.hpp>
#include <hourglass/nn/initializer.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hourglass {

namespace {

/// Orthonormal rows by the modified Gram-Schmidt process, done twice for full precision.
void orthonormalise(std::vector<double>& rows, std::int64_t count, std::int64_t length) {
  for (std::int64_t i = 0; i < count; ++i) {
    double* row = rows.data() + i * length;
    for (int pass = 0; pass < 2; ++pass) {
      for (std::int64_t j = 0; j < i; ++j) {
        const double* other = rows.data() + j * length;
        double product = 0;
        for (std::int64_t k = 0; k < length; ++k) product += row[k] * other[k];
        for (std::int64_t k = 0; k < length; ++k) row[k] -= product * other[k];
      }
    }
    double square = 0;
    for (std::int64_t k = 0; k < length; ++k) square += row[k] * row[k];
    for (std::int64_t k = 0; k < length; ++k) row[k] /= std::sqrt(square);
  }
}

void fill_orthogonal(Tensor& weight, RandomStream& random) {
  const std::int64_t out = weight.shape()[0], in = weight.size() / out;
  const std::int64_t count = std::min(out, in), length = std::max(out, in);
  std::vector<double> rows(static_cast<std::size_t>(count * length));
  for (double& value : rows) value = random.normal();
  orthonormalise(rows, count, length);
  const auto values = weight.floats();
  for (std::int64_t o = 0; o < out; ++o) {
    for (std::int64_t i = 0; i < in; ++i) {
      values[o * in + i] = static_cast<float>(out <= in ? rows[o * in + i] : rows[i * out + o]);
    }
  }
}

}  // namespace

Tensor initial_weight(Initializer initializer, const Shape& shape, std::uint64_t seed,
                      std::string_view path) {
  Tensor weight(shape);
  if (weight.size() == 0) return weight;
  RandomStream random(seed, std::string("initial ").append(path));
  const double receptive =
      static_cast<double>(shape.size()) / static_cast<double>(shape[0] * shape[1]);
  const double fan_in = static_cast<double>(shape[1]) * receptive;
  const double fan_out = static_cast<double>(shape[0]) * receptive;
  const auto uniform = [&](double limit) {
    for (float& value : weight.floats()) {
      value = random.uniform(static_cast<float>(-limit), static_cast<float>(limit));
    }
  };
  const auto normal = [&](double deviation) {
    for (float& value : weight.floats()) value = static_cast<float>(deviation) * random.normal();
  };
  switch (initializer) {
    case Initializer::XavierUniform: uniform(std::sqrt(6 / (fan_in + fan_out))); break;
    case Initializer::XavierNormal: normal(std::sqrt(2 / (fan_in + fan_out))); break;
    case Initializer::HeUniform: uniform(std::sqrt(6 / fan_in)); break;
    case Initializer::HeNormal: normal(std::sqrt(2 / fan_in)); break;
    case Initializer::Uniform: uniform(0.05); break;
    case Initializer::Normal: normal(0.05); break;
    case Initializer::Orthogonal: fill_orthogonal(weight, random); break;
  }
  return weight;
}

Names<Initializer> initializer_names() {
  return {{"xavier_uniform", Initializer::XavierUniform},
          {"xavier_normal", Initializer::XavierNormal},
          {"he_uniform", Initializer::HeUniform},
          {"he_normal", Initializer::HeNormal},
          {"uniform", Initializer::Uniform},
          {"normal", Initializer::Normal},
          {"orthogonal", Initializer::Orthogonal}};
}

}  // namespace hourglass
