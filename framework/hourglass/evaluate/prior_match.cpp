#include <hourglass/core/parallel.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/prior_match.hpp>
#include <hourglass/statistics/linear_algebra.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace hourglass {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::int64_t kCodes = 2000;
constexpr std::int64_t kCodesAtOnce = 64;  // whose distances are computed at once
constexpr double kScales[] = {0.1, 0.2, 0.5, 1, 2, 5, 10};
constexpr double kActive = 0.01;

// A code in each column.
MatrixXd columns(const Tensor& codes) {
  const std::int64_t count = codes.shape()[0];
  return Eigen::Map<const Eigen::MatrixXf>(codes.floats().data(), codes.shape().size() / count,
                                           count)
      .cast<double>();
}

double kernel(double squared_distance, double size) {
  double sum = 0;
  for (const double scale : kScales) {
    const double c = 2 * size * scale;
    sum += c / (c + squared_distance);
  }
  return sum / static_cast<double>(std::size(kScales));
}

// The mean of the kernel over all pairs. Distances come from one product a block; each block has a
// sum of its own, and the sums are added in order.
double mean_kernel(const MatrixXd& x, const MatrixXd& y) {
  const VectorXd x_squares = x.colwise().squaredNorm(), y_squares = y.colwise().squaredNorm();
  const auto size = static_cast<double>(x.rows());
  const std::int64_t blocks = (x.cols() + kCodesAtOnce - 1) / kCodesAtOnce;
  std::vector<double> sums(static_cast<std::size_t>(blocks));
  parallel_for(blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t first = block * kCodesAtOnce,
                         count = std::min(kCodesAtOnce, x.cols() - first);
      const MatrixXd products = inner_products(y, x.middleCols(first, count));
      double sum = 0;
      for (std::int64_t i = 0; i < count; ++i) {
        for (std::int64_t j = 0; j < y.cols(); ++j) {
          const double distance = x_squares[first + i] + y_squares[j] - 2 * products(j, i);
          sum += kernel(std::max(0.0, distance), size);
        }
      }
      sums[static_cast<std::size_t>(block)] = sum;
    }
  });
  double sum = 0;
  for (const double each : sums) sum += each;
  return sum / (static_cast<double>(x.cols()) * static_cast<double>(y.cols()));
}

// The first of the codes, and sums of all, less the first one so that a mean far from zero does not
// hide small variances.
struct Codes {
  Tensor first;
  std::vector<double> origin, sums, squares;
};

Codes read_codes(const Evaluation& evaluation, std::int64_t count) {
  const auto size = static_cast<std::size_t>(evaluation.model.code_shape().size());
  Codes all{Tensor(Shape{count, static_cast<std::int64_t>(size)}), {}, {}, {}};
  all.sums.resize(size);
  all.squares.resize(size);
  std::size_t kept = 0;
  evaluation.model.encode(
      evaluation.source(), split_number(evaluation.split()),
      [&](std::span<const std::uint32_t> indices, const float*, const float* codes) {
        if (all.origin.empty()) all.origin.assign(codes, codes + size);
        for (std::size_t row = 0; row < indices.size(); ++row, codes += size) {
          if (kept < static_cast<std::size_t>(count)) {
            std::copy(codes, codes + size, all.first.floats().begin() + kept++ * size);
          }
          for (std::size_t i = 0; i < size; ++i) {
            const double beyond = codes[i] - all.origin[i];
            all.sums[i] += beyond;
            all.squares[i] += beyond * beyond;
          }
        }
      });
  return all;
}

Tensor standard_normal_codes(std::int64_t count, std::int64_t size, std::uint64_t seed) {
  Tensor codes(Shape{count, size});
  float* code = codes.floats().data();
  for (std::int64_t i = 0; i < count; ++i) {
    RandomStream random(seed, "prior_match", static_cast<std::uint64_t>(i));
    for (std::int64_t k = 0; k < size; ++k) *code++ = random.normal();
  }
  return codes;
}

Tensor rows(const Tensor& codes, std::int64_t first, std::int64_t count) {
  const std::int64_t size = codes.shape().size() / codes.shape()[0];
  Tensor part(Shape{count, size});
  std::copy_n(codes.floats().begin() + first * size, count * size, part.floats().begin());
  return part;
}

std::int64_t compared(const Source& source) { return std::min(kCodes, source.size()); }

}  // namespace

double squared_discrepancy(const Tensor& x, const Tensor& y) {
  const MatrixXd a = columns(x), b = columns(y);
  return mean_kernel(a, a) + mean_kernel(b, b) - 2 * mean_kernel(a, b);
}

void PriorMatchMetric::compile(Model& model, const DataSet& data) const {
  const Source& source = *data.find(evaluated_split(data));
  model.compile(Purpose::Encode, source.size());
  if (!model.traits().prior.empty()) model.compile(Purpose::Draw, 2 * compared(source));
}

void PriorMatchMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  Model& model = evaluation.model;
  const std::int64_t size = model.code_shape().size(), count = compared(evaluation.source());
  const std::string& prior = model.traits().prior;
  const Codes codes = read_codes(evaluation, count);
  const Tensor draws = prior.empty() ? standard_normal_codes(2 * count, size, evaluation.seed)
                                     : model.draw_codes(2 * count);
  const Tensor drawn = rows(draws, 0, count), others = rows(draws, count, count);

  double norm = 0, variances = 0, active = 0;
  const auto samples = static_cast<double>(evaluation.source().size());
  for (std::size_t i = 0; i < codes.sums.size(); ++i) {
    const double beyond = codes.sums[i] / samples, mean = codes.origin[i] + beyond;
    const double variance = std::max(0.0, codes.squares[i] / samples - beyond * beyond);
    norm += mean * mean;
    variances += variance;
    active += variance > kActive;
  }

  const auto report = [&](const char* quantity, double value, const std::string& how) {
    const std::string name = evaluation.named(text("prior_match/", quantity));
    measures.add(name, value);
    measures.explain(name, how);
  };
  const std::string source =
      prior.empty() ? text(
                          "the variant has no prior, and a standard normal distribution of the "
                          "code's size stands for it")
                    : text("prior: ", prior);
  const std::string estimate =
      "biased squared maximum mean discrepancy; mean of seven inverse multiquadric kernels "
      "C / (C + d^2), C = 2 latent {.1, .2, .5, 1, 2, 5, 10}; ";
  report("mmd", squared_discrepancy(codes.first, drawn),
         text(estimate, "the split's first ", count, " codes, as encode gives them, and ", count,
              " draws; ", source));
  report("mmd_prior", squared_discrepancy(drawn, others),
         text(estimate, count, " draws and ", count, " others; ", source));
  report("mean_norm", std::sqrt(norm), "Euclidean norm of the mean code of the split");
  report("variance_mean", variances / static_cast<double>(size),
         "mean over the code's numbers of their variances over the split");
  report("active_units", active,
         "how many of the code's numbers have a variance above 0.01 over the split");
}

}  // namespace hourglass
