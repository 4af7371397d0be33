#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/random.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

/// Points of `size` numbers each, one after another.
struct Points {
  std::int64_t count = 0;
  std::int64_t size = 0;
  std::vector<double> values;
};

/// Points in groups about their means.
struct Clusters {
  Points centres;
  std::vector<std::int64_t> nearest;  ///< the centre of each point
  double squared_distance = 0;        ///< summed over points, each to its centre
};

/// Centres far apart: points, each next one drawn in proportion to its squared distance from the
/// nearest so far (k-means++; D. Arthur, S. Vassilvitskii, 2007). Fewer than wanted where there
/// are fewer different points; of these there must be one.
HOURGLASS_API Points far_centres(const Points& points, std::int64_t wanted, RandomStream& random);

/// The nearest centre of each point; of equally near ones the first.
HOURGLASS_API Clusters nearest_centres(const Points& points, Points centres);

/// Moves centres to the means of the points that are nearest to them (S. Lloyd, 1982), until none
/// changes its centre, or for so many rounds. A centre that has no point stays.
HOURGLASS_API Clusters refine_clusters(const Points& points, Points centres, int most_rounds);

struct KMeansOptions {
  std::int64_t clusters = 10;
  int restarts = 10;
  int most_rounds = 100;
  std::uint64_t seed = 1;
};

/// The best of several k-means clusterings, each from far centres of its own: that with the least
/// sum of squared distances. Equal calls give equal clusters, with any number of threads.
HOURGLASS_API Clusters fit_k_means(const Points& points, const KMeansOptions& options);

}  // namespace hourglass
