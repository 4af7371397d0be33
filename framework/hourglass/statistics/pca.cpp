#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/statistics/linear_algebra.hpp>
#include <hourglass/statistics/pca.hpp>
#include <hourglass/statistics/product.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>

namespace hourglass {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::int64_t kCovarianceLimit = 2048;
constexpr std::int64_t kBatchFloats = std::int64_t{4} << 20;
constexpr int kMostIterations = 300;
constexpr int kMostPasses = 30;

std::int64_t batch_rows(const Source& source) {
  const std::int64_t features = std::max<std::int64_t>(1, source.sample_shape().size());
  return std::clamp<std::int64_t>(kBatchFloats / features, 1, source.size());
}

// Goes through a source in batches of one size, `shift` taken from every sample. What is missing
// from the last batch is zero, so that products need one shape only.
class ShiftedRows {
 public:
  explicit ShiftedRows(const Source& source)
      : source_(source),
        features_(source.sample_shape().size()),
        rows_(batch_rows(source)),
        indices_(static_cast<std::size_t>(rows_)),
        buffer_(Shape{rows_, features_}) {}

  std::int64_t rows() const { return rows_; }

  // body(batch [rows, features], how many of its rows are samples)
  void each(const VectorXd& shift,
            const std::function<void(const float* batch, std::int64_t filled)>& body) {
    const Eigen::RowVectorXf offset = shift.cast<float>().transpose();
    for (std::int64_t first = 0; first < source_.size(); first += rows_) {
      const std::int64_t filled = read(first);
      Eigen::Map<FloatMatrix> batch(buffer_.floats().data(), rows_, features_);
      batch.topRows(filled).rowwise() -= offset;
      batch.bottomRows(rows_ - filled).setZero();
      body(batch.data(), filled);
    }
  }

  // The mean of the first samples: close enough to the true one to keep sums of squares accurate.
  VectorXd first_mean() {
    const std::int64_t filled = read(0);
    const Eigen::Map<FloatMatrix> batch(buffer_.floats().data(), filled, features_);
    return batch.cast<double>().colwise().mean().transpose();
  }

 private:
  std::int64_t read(std::int64_t first) {
    const std::int64_t filled = std::min(rows_, source_.size() - first);
    std::iota(indices_.begin(), indices_.begin() + filled, static_cast<std::uint32_t>(first));
    source_.read(std::span(indices_).first(static_cast<std::size_t>(filled)),
                 buffer_.floats().data());
    return filled;
  }

  const Source& source_;
  std::int64_t features_;
  std::int64_t rows_;
  std::vector<std::uint32_t> indices_;
  Tensor buffer_;
};

struct Moments {
  VectorXd mean;
  MatrixXd covariance;  // empty for wide data
  double total_variance = 0;
};

// Products within a batch are f32, sums over batches double.
Moments moments_with_covariance(const Source& source, ShiftedRows& data) {
  const std::int64_t features = source.sample_shape().size();
  const auto samples = static_cast<double>(source.size());
  const VectorXd shift = data.first_mean().cast<float>().cast<double>();
  VectorXd sum = VectorXd::Zero(features);
  MatrixXd squares = MatrixXd::Zero(features, features);
  FloatMatrix part(features, features);
  Product product({features, data.rows(), true}, {data.rows(), features});
  data.each(shift, [&](const float* memory, std::int64_t filled) {
    product(memory, memory, part.data());
    squares += part.cast<double>().transpose();
    const Eigen::Map<const FloatMatrix> batch(memory, data.rows(), features);
    for (std::int64_t row = 0; row < filled; ++row) {
      sum += batch.row(row).transpose().cast<double>();
    }
  });
  const VectorXd beyond = sum / samples;
  Moments moments;
  moments.mean = shift + beyond;
  moments.covariance = squares / samples - beyond * beyond.transpose();
  moments.covariance = (0.5 * (moments.covariance + moments.covariance.transpose())).eval();
  moments.total_variance = moments.covariance.trace();
  return moments;
}

Moments moments_of_wide(const Source& source, ShiftedRows& data) {
  const auto samples = static_cast<double>(source.size());
  const VectorXd shift = data.first_mean().cast<float>().cast<double>();
  VectorXd sum = VectorXd::Zero(shift.size()), squares = VectorXd::Zero(shift.size());
  data.each(shift, [&](const float* memory, std::int64_t filled) {
    const Eigen::Map<const FloatMatrix> batch(memory, data.rows(), shift.size());
    for (std::int64_t row = 0; row < filled; ++row) {
      const VectorXd sample = batch.row(row).transpose().cast<double>();
      sum += sample;
      squares += sample.cwiseAbs2();
    }
  });
  const VectorXd beyond = sum / samples;
  return {shift + beyond, {}, (squares / samples - beyond.cwiseAbs2()).sum()};
}

struct Subspace {
  MatrixXd directions;  // [features, count], orthonormal columns
  VectorXd variances;   // falling
  bool converged = true;
};

// The `count` last eigenvectors, since Eigen sorts upwards.
Subspace leading(const MatrixXd& covariance, std::int64_t count) {
  const Spectrum spectrum = spectrum_of(covariance);
  return {spectrum.vectors.rightCols(count).rowwise().reverse(),
          spectrum.values.tail(count).reverse(), true};
}

struct Patience {
  int iterations = kMostIterations;
  double of_total = 1e-9;     // stop when an iteration gains less than this part of all variance
  double of_left_out = 1e-7;  // plus this part of what is left out
};

// Orthogonal iteration with Rayleigh-Ritz. More columns than are wanted make it converge faster:
// the gap that counts is that to the first column that is missing.
Subspace iterate(const std::function<MatrixXd(const MatrixXd&)>& covariance_times,
                 std::int64_t features, std::int64_t count, double total,
                 const Patience& patience) {
  const std::int64_t width = std::min(features, 2 * count + 16);
  RandomStream random(0, "pca");
  MatrixXd start(features, width);
  for (double& element : start.reshaped()) element = random.normal();
  MatrixXd basis = orthonormal(start);
  Subspace best;
  double captured = 0;
  for (int i = 0; i < patience.iterations; ++i) {
    const MatrixXd image = covariance_times(basis);
    const MatrixXd small = inner_products(basis, image);
    const Subspace ritz = leading(0.5 * (small + small.transpose()), width);
    best = {product(basis, ritz.directions.leftCols(count)), ritz.variances.head(count), true};
    const double gain = best.variances.sum() - captured;
    captured += gain;
    const double left_out = std::max(0.0, total - captured);
    if (gain <= patience.of_total * total + patience.of_left_out * left_out) return best;
    basis = orthonormal(product(image, ritz.directions));
  }
  best.converged = false;
  return best;
}

// x -> X^T (X x) / n without the covariance, which would be too large.
class DataOperator {
 public:
  DataOperator(const Source& source, ShiftedRows& data, const VectorXd& mean)
      : source_(source), data_(data), mean_(mean) {}

  MatrixXd operator()(const MatrixXd& basis) {
    const std::int64_t features = basis.rows(), width = basis.cols(), rows = data_.rows();
    if (!forward_) {
      forward_.emplace(Factor{rows, features}, Factor{features, width});
      backward_.emplace(Factor{features, rows, true}, Factor{rows, width});
    }
    const FloatMatrix narrow = basis.cast<float>();
    FloatMatrix codes(rows, width), part(features, width);
    MatrixXd sum = MatrixXd::Zero(features, width);
    data_.each(mean_, [&](const float* batch, std::int64_t) {
      (*forward_)(batch, narrow.data(), codes.data());
      (*backward_)(batch, codes.data(), part.data());
      sum += part.cast<double>();
    });
    return sum / static_cast<double>(source_.size());
  }

 private:
  const Source& source_;
  ShiftedRows& data_;
  const VectorXd& mean_;
  std::optional<Product> forward_, backward_;
};

Pca packed(const Moments& moments, Subspace subspace, std::string method) {
  const std::int64_t features = subspace.directions.rows(), count = subspace.directions.cols();
  for (std::int64_t i = 0; i < count; ++i) {
    Eigen::Index largest = 0;
    subspace.directions.col(i).cwiseAbs().maxCoeff(&largest);
    if (subspace.directions(largest, i) < 0) subspace.directions.col(i) *= -1;
  }
  Pca pca;
  pca.mean = Tensor(Shape{features});
  Eigen::Map<Eigen::VectorXf>(pca.mean.floats().data(), features) = moments.mean.cast<float>();
  pca.components = Tensor(Shape{count, features});
  Eigen::Map<FloatMatrix>(pca.components.floats().data(), count, features) =
      subspace.directions.transpose().cast<float>();
  // Rounding can leave a variance of nothing below zero.
  for (double variance : subspace.variances) pca.variances.push_back(std::max(0.0, variance));
  pca.total_variance = moments.total_variance;
  pca.method = std::move(method);
  return pca;
}

Pca fit_narrow(const Source& source, std::int64_t count) {
  ShiftedRows data(source);
  const Moments moments = moments_with_covariance(source, data);
  const std::int64_t features = moments.mean.size();
  if (features > 128 && 12 * count <= features) {
    Subspace subspace =
        iterate([&](const MatrixXd& basis) { return product(moments.covariance, basis); }, features,
                count, moments.total_variance, {});
    if (subspace.converged) {
      return packed(moments, std::move(subspace), "subspace iteration on the covariance");
    }
  }
  return packed(moments, leading(moments.covariance, count), "eigenvectors of the covariance");
}

Pca fit_wide(const Source& source, std::int64_t count) {
  ShiftedRows data(source);
  const Moments moments = moments_of_wide(source, data);
  DataOperator covariance(source, data, moments.mean);
  Subspace subspace = iterate(std::ref(covariance), moments.mean.size(), count,
                              moments.total_variance, {kMostPasses, 1e-7, 1e-4});
  std::string method =
      subspace.converged
          ? "subspace iteration through the data, to 1e-4 of the variance left out"
          : text("subspace iteration through the data, stopped after ", kMostPasses, " passes");
  return packed(moments, std::move(subspace), std::move(method));
}

}  // namespace

Pca fit_pca(const Source& source, std::int64_t count) {
  if (count < 1) throw ConfigError(text("[pca] needs at least 1 component, got ", count));
  const std::int64_t features = source.sample_shape().size();
  if (source.size() == 0 || features == 0) {
    throw DataError(text("[pca] there is nothing to fit: ", source.size(), " samples of shape ",
                         source.sample_shape().to_text()));
  }
  count = std::min({count, features, source.size()});
  return features <= kCovarianceLimit ? fit_narrow(source, count) : fit_wide(source, count);
}

Tensor Pca::project(const Tensor& rows) const {
  const std::int64_t samples = rows.shape()[0];
  if (rows.size() != samples * features()) {
    throw ShapeError(
        text("[pca] rows must have ", features(), " features, got ", rows.shape().to_text()));
  }
  Tensor codes(Shape{samples, count()});
  if (samples == 0) return codes;
  FloatMatrix centred =
      Eigen::Map<const FloatMatrix>(rows.floats().data(), samples, features()).rowwise() -
      Eigen::Map<const Eigen::RowVectorXf>(mean.floats().data(), features());
  Product({samples, features()}, {features(), count(), true})(
      centred.data(), components.floats().data(), codes.floats().data());
  return codes;
}

void visit_residuals(const Pca& pca, const Source& source,
                     const std::function<void(std::span<const float>)>& visit) {
  const std::int64_t features = pca.features(), count = pca.count();
  if (source.sample_shape().size() != features) {
    throw ShapeError(text("[pca] was fitted to ", features, " features, got samples of shape ",
                          source.sample_shape().to_text()));
  }
  if (source.size() == 0) return;
  ShiftedRows data(source);
  Product forward({data.rows(), features}, {features, count, true});
  Product backward({data.rows(), count}, {count, features});
  FloatMatrix codes(data.rows(), count), back(data.rows(), features);
  const VectorXd mean =
      Eigen::Map<const Eigen::VectorXf>(pca.mean.floats().data(), features).cast<double>();
  data.each(mean, [&](const float* memory, std::int64_t filled) {
    forward(memory, pca.components.floats().data(), codes.data());
    backward(codes.data(), pca.components.floats().data(), back.data());
    back = Eigen::Map<const FloatMatrix>(memory, data.rows(), features) - back;
    for (std::int64_t row = 0; row < filled; ++row) {
      visit({back.data() + row * features, static_cast<std::size_t>(features)});
    }
  });
}

namespace {

// Gives each sample's squared error, summed over features.
void visit_errors(const Pca& pca, const Source& source, const std::function<void(double)>& visit) {
  visit_residuals(pca, source, [&](std::span<const float> residual) {
    visit(Eigen::Map<const Eigen::VectorXf>(residual.data(), std::ssize(residual))
              .cast<double>()
              .squaredNorm());
  });
}

}  // namespace

double squared_error_per_feature(const Pca& pca, const Source& source) {
  double sum = 0;
  visit_errors(pca, source, [&](double error) { sum += error; });
  if (source.size() == 0) return std::nan("");
  return sum / (static_cast<double>(source.size()) * static_cast<double>(pca.features()));
}

std::vector<float> squared_errors(const Pca& pca, const Source& source) {
  std::vector<float> errors;
  visit_errors(pca, source, [&](double error) { errors.push_back(static_cast<float>(error)); });
  return errors;
}

}  // namespace hourglass
