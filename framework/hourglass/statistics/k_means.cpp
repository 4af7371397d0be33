#include <hourglass/core/parallel.hpp>
#include <hourglass/statistics/k_means.hpp>
#include <hourglass/statistics/linear_algebra.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace hourglass {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kPointsAtOnce = 1024;  // of one product

std::size_t at(Index index) { return static_cast<std::size_t>(index); }

// A point in each column.
Eigen::Map<const MatrixXd> columns(const Points& points) {
  return {points.values.data(), points.size, points.count};
}

Points points_of(const MatrixXd& columns) {
  return {columns.cols(), columns.rows(), {columns.data(), columns.data() + columns.size()}};
}

}  // namespace

Points far_centres(const Points& points, std::int64_t wanted, RandomStream& random) {
  const auto all = columns(points);
  MatrixXd centres(points.size, wanted);
  VectorXd distances = VectorXd::Constant(points.count, std::numeric_limits<double>::infinity());
  Index chosen = random.below(static_cast<std::uint32_t>(points.count));
  for (Index k = 0;; ++k) {
    centres.col(k) = all.col(chosen);
    if (k + 1 == wanted) return points_of(centres);
    const VectorXd from_this = (all.colwise() - centres.col(k)).colwise().squaredNorm();
    distances = distances.cwiseMin(from_this);
    const double total = distances.sum();
    if (!(total > 0)) return points_of(centres.leftCols(k + 1));
    double left = static_cast<double>(random.uniform()) * total;
    chosen = points.count - 1;
    for (Index i = 0; i < points.count; ++i) {
      left -= distances[i];
      if (left < 0) {
        chosen = i;
        break;
      }
    }
    while (distances[chosen] == 0) --chosen;  // rounding has led beyond the last that counts
  }
}

Clusters nearest_centres(const Points& points, Points centres) {
  Clusters clusters{std::move(centres), std::vector<std::int64_t>(at(points.count), 0), 0};
  const auto all = columns(points), means = columns(clusters.centres);
  const VectorXd halves = 0.5 * means.colwise().squaredNorm().transpose();
  for (Index first = 0; first < points.count; first += kPointsAtOnce) {
    const auto block = all.middleCols(first, std::min(kPointsAtOnce, points.count - first));
    // Half the squared distance, less half the point's own square: the same centre is nearest.
    const MatrixXd beyond = (-inner_products(means, block)).colwise() + halves;
    for (Index i = 0; i < block.cols(); ++i) {
      Index nearest = 0;
      beyond.col(i).minCoeff(&nearest);
      clusters.nearest[at(first + i)] = nearest;
      clusters.squared_distance += (block.col(i) - means.col(nearest)).squaredNorm();
    }
  }
  return clusters;
}

Clusters refine_clusters(const Points& points, Points centres, int most_rounds) {
  const auto all = columns(points);
  Clusters clusters = nearest_centres(points, std::move(centres));
  for (int round = 0; round < most_rounds; ++round) {
    MatrixXd means = columns(clusters.centres);
    MatrixXd sums = MatrixXd::Zero(means.rows(), means.cols());
    VectorXd counts = VectorXd::Zero(means.cols());
    for (Index i = 0; i < points.count; ++i) {
      sums.col(clusters.nearest[at(i)]) += all.col(i);
      counts[clusters.nearest[at(i)]] += 1;
    }
    for (Index k = 0; k < means.cols(); ++k) {
      if (counts[k] > 0) means.col(k) = sums.col(k) / counts[k];
    }
    Clusters moved = nearest_centres(points, points_of(means));
    const bool same = moved.nearest == clusters.nearest;
    clusters = std::move(moved);
    if (same) break;
  }
  return clusters;
}

Clusters fit_k_means(const Points& points, const KMeansOptions& options) {
  std::vector<Clusters> tries(at(options.restarts));
  parallel_for(options.restarts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      RandomStream random(options.seed, "k-means", static_cast<std::uint64_t>(i));
      tries[at(i)] = refine_clusters(points, far_centres(points, options.clusters, random),
                                     options.most_rounds);
    }
  });
  return std::move(*std::ranges::min_element(tries, {}, &Clusters::squared_distance));
}

}  // namespace hourglass
