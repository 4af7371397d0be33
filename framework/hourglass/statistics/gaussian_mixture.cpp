#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/statistics/gaussian_mixture.hpp>
#include <hourglass/statistics/k_means.hpp>
#include <hourglass/statistics/linear_algebra.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hourglass {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kLeastVariance = 1e-6;  // of the mean variance
constexpr int kLloydRounds = 10;
// Shares below this change no sum of doubles, and are not looked at.
constexpr double kLeastShare = 1e-14;
constexpr Index kCodesAtOnce = 1024;

// Codes, one a column, of the dimensions that vary.
struct Columns {
  MatrixXd values;
  double mean_variance = 0;
};

Columns varying_columns(const Tensor& codes, GaussianMixture& mixture) {
  const std::int64_t count = codes.shape()[0], size = codes.size() / count;
  mixture.constants = Tensor(Shape{size}, DType::F64);
  const auto at = [&](std::int64_t i, std::int64_t j) {
    return static_cast<double>(codes.floats()[static_cast<std::size_t>(i * size + j)]);
  };
  double sum_of_variances = 0;
  for (std::int64_t j = 0; j < size; ++j) {
    double sum = 0, squares = 0;
    bool varies = false;
    for (std::int64_t i = 0; i < count; ++i) {
      const double beyond = at(i, j) - at(0, j);  // of numbers far from 0, squares lose digits
      sum += beyond;
      squares += beyond * beyond;
      varies = varies || beyond != 0;
    }
    mixture.constants.values<double>()[static_cast<std::size_t>(j)] = at(0, j);
    if (!varies) continue;
    const auto n = static_cast<double>(count);
    sum_of_variances += squares / n - (sum / n) * (sum / n);
    mixture.varying.push_back(j);
  }
  const auto varying = std::ssize(mixture.varying);
  Columns columns{MatrixXd(varying, count), 0};
  for (std::int64_t i = 0; i < count; ++i) {
    for (Index j = 0; j < varying; ++j) {
      columns.values(j, i) = at(i, mixture.varying[static_cast<std::size_t>(j)]);
    }
  }
  if (varying > 0) columns.mean_variance = sum_of_variances / static_cast<double>(varying);
  return columns;
}

class Fit {
 public:
  Fit(const Columns& columns, const Clusters& clusters)
      : codes_(columns.values),
        floor_(kLeastVariance * columns.mean_variance),
        weights_(VectorXd::Zero(clusters.centres.count)),
        means_(Eigen::Map<const MatrixXd>(clusters.centres.values.data(), codes_.rows(),
                                          clusters.centres.count)),
        factors_(static_cast<std::size_t>(means_.cols()),
                 std::sqrt(floor_) * MatrixXd::Identity(codes_.rows(), codes_.rows())),
        shares_(MatrixXd::Zero(codes_.cols(), means_.cols())) {
    for (Index i = 0; i < codes_.cols(); ++i) {
      shares_(i, clusters.nearest[static_cast<std::size_t>(i)]) = 1;
    }
    maximise();
  }

  // Each component's share in each code. Returns the mean log-likelihood.
  double expect() {
    for (Index k = 0; k < means_.cols(); ++k) log_density(k);
    double sum = 0;
    for (Index i = 0; i < codes_.cols(); ++i) {
      const double most = shares_.row(i).maxCoeff();
      const double all = (shares_.row(i).array() - most).exp().sum();
      sum += most + std::log(all);
      shares_.row(i) = (shares_.row(i).array() - most).exp() / all;
    }
    return sum / static_cast<double>(codes_.cols());
  }

  // The components that fit these shares best.
  void maximise() {
    for (Index k = 0; k < means_.cols(); ++k) {
      std::vector<Index> own;
      for (Index i = 0; i < codes_.cols(); ++i) {
        if (shares_(i, k) > kLeastShare) own.push_back(i);
      }
      const double total = shares_.col(k).sum();
      weights_[k] = total / static_cast<double>(codes_.cols());
      // One that has next to nothing stays where it is.
      if (total > 1e-6) fit_component(k, own);
    }
  }

  void write(GaussianMixture& mixture) const {
    const Index size = means_.rows(), count = means_.cols();
    mixture.weights.assign(weights_.begin(), weights_.end());
    mixture.means = Tensor(Shape{count, size}, DType::F64);
    mixture.factors = Tensor(Shape{count, size, size}, DType::F64);
    auto mean = mixture.means.values<double>().begin();
    auto factor = mixture.factors.values<double>().begin();
    for (Index k = 0; k < count; ++k) {
      for (Index i = 0; i < size; ++i) *mean++ = means_(i, k);
      for (Index i = 0; i < size; ++i) {
        for (Index j = 0; j < size; ++j) {
          *factor++ = j <= i ? factors_[static_cast<std::size_t>(k)](i, j) : 0.0;
        }
      }
    }
  }

 private:
  // log(weight N(z)) of every code, into the component's column of shares.
  void log_density(Index k) {
    const MatrixXd& factor = factors_[static_cast<std::size_t>(k)];
    const auto size = static_cast<double>(codes_.rows());
    const double constant = std::log(weights_[k]) - 0.5 * size * std::log(2 * std::numbers::pi) -
                            factor.diagonal().array().log().sum();
    for (Index first = 0; first < codes_.cols(); first += kCodesAtOnce) {
      const Index count = std::min(kCodesAtOnce, codes_.cols() - first);
      MatrixXd beyond = codes_.middleCols(first, count).colwise() - means_.col(k);
      solve_lower(factor, beyond);
      shares_.col(k).segment(first, count) =
          (constant - 0.5 * beyond.colwise().squaredNorm().array()).transpose();
    }
  }

  void fit_component(Index k, const std::vector<Index>& own) {
    const Index size = codes_.rows();
    double total = 0;
    VectorXd mean = VectorXd::Zero(size);
    for (const Index i : own) {
      mean += shares_(i, k) * codes_.col(i);
      total += shares_(i, k);
    }
    mean /= total;
    MatrixXd covariance = MatrixXd::Zero(size, size);
    MatrixXd beyond(size, std::min<Index>(kCodesAtOnce, std::ssize(own)));
    for (Index first = 0; first < std::ssize(own); first += kCodesAtOnce) {
      const Index count = std::min<Index>(kCodesAtOnce, std::ssize(own) - first);
      for (Index j = 0; j < count; ++j) {
        const Index i = own[static_cast<std::size_t>(first + j)];
        beyond.col(j) = std::sqrt(shares_(i, k)) * (codes_.col(i) - mean);
      }
      covariance += outer_products(beyond.leftCols(count));
    }
    covariance /= total;
    means_.col(k) = mean;
    factors_[static_cast<std::size_t>(k)] = factor_of(covariance);
  }

  // The Cholesky factor of a covariance whose eigenvalues below the floor are raised to it.
  MatrixXd factor_of(const MatrixXd& covariance) const {
    const MatrixXd floor = floor_ * MatrixXd::Identity(covariance.rows(), covariance.cols());
    if (lower_factor(covariance - floor)) return lower_factor(covariance).value();
    const Spectrum spectrum = spectrum_of(covariance);
    return lower_factor(spectrum.with_values(spectrum.values.cwiseMax(floor_))).value();
  }

  const MatrixXd& codes_;
  double floor_;
  VectorXd weights_;
  MatrixXd means_;  // one a column
  std::vector<MatrixXd> factors_;
  MatrixXd shares_;  // [codes, components]
};

}  // namespace

GaussianMixture fit_gaussian_mixture(const Tensor& codes, const GaussianMixtureOptions& options) {
  if (options.components < 1) {
    throw ConfigError(
        text("[gaussian mixture] components must be at least 1, got ", options.components));
  }
  if (codes.shape().rank() == 0 || codes.size() == 0) {
    throw DataError("[gaussian mixture] there are no codes to fit it to");
  }
  if (!std::ranges::all_of(codes.floats(), [](float value) { return std::isfinite(value); })) {
    throw DataError("[gaussian mixture] some codes are not finite");
  }
  GaussianMixture mixture;
  const Columns columns = varying_columns(codes, mixture);
  const std::int64_t wanted =
      mixture.varying.empty() ? 1 : std::min(options.components, codes.shape()[0]);
  RandomStream random(options.seed, "gaussian mixture");
  const MatrixXd& values = columns.values;
  const Points points{values.cols(), values.rows(), {values.data(), values.data() + values.size()}};
  Fit fit(columns, refine_clusters(points, far_centres(points, wanted, random), kLloydRounds));
  std::vector<double>& known = mixture.log_likelihoods;
  for (int iteration = 0;; ++iteration) {
    known.push_back(fit.expect());
    if (iteration == options.most_iterations) break;
    if (known.size() > 1) {
      const double gain = known.back() - known[known.size() - 2];
      if (gain <= options.tolerance * std::max(1.0, std::abs(known.back()))) break;
    }
    fit.maximise();
  }
  fit.write(mixture);
  return mixture;
}

Tensor GaussianMixture::draw(std::int64_t count, std::uint64_t seed,
                             std::string_view stream) const {
  const std::int64_t size = constants.size();
  const auto width = varying.size();
  Tensor codes(Shape{count, size});
  std::vector<double> normals(width);
  for (std::int64_t i = 0; i < count; ++i) {
    RandomStream random(seed, stream, static_cast<std::uint64_t>(i));
    double left = static_cast<double>(random.uniform());
    std::size_t k = 0;
    while (k + 1 < weights.size() && left >= weights[k]) left -= weights[k++];
    for (double& normal : normals) normal = static_cast<double>(random.normal());
    const auto code =
        codes.floats().subspan(static_cast<std::size_t>(i * size), static_cast<std::size_t>(size));
    std::ranges::transform(constants.values<double>(), code.begin(),
                           [](double value) { return static_cast<float>(value); });
    for (std::size_t row = 0; row < width; ++row) {
      const double* factor = factors.values<double>().data() + (k * width + row) * width;
      double value = means.values<double>()[k * width + row];
      for (std::size_t column = 0; column <= row; ++column) {
        value += factor[column] * normals[column];
      }
      code[static_cast<std::size_t>(varying[row])] = static_cast<float>(value);
    }
  }
  return codes;
}

}  // namespace hourglass
