#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <span>

namespace hourglass {

/// How well clusters and classes of the same samples agree. None depends on how either is numbered.
struct ClusterScores {
  std::int64_t used = 0;  ///< clusters that have a sample
  double accuracy = 0;    ///< see cluster_scores
  double majority_accuracy = 0;
  double nmi = 0;
  double ari = 0;
};

/// Samples by cluster and class, each from 0: `clusters` and `classes` are of one length, at least
/// one.
struct ClusteredSamples {
  std::span<const std::int32_t> clusters, classes;
};

/// Scores clusters of test samples against their classes, from the table n_kc of how many samples
/// of cluster k have the class c, N of all:
///  - accuracy: sum of n_kc over a one-to-one assignment of clusters to classes, the best there is
///    (best_assignment), over N. With more clusters than classes it cannot be 1.
///  - majority_accuracy: each cluster stands for the class that most of its training samples have
///    (of equally many the first; a cluster without any for none); the part of test samples whose
///    cluster stands for their class.
///  - nmi: mutual information of cluster and class over the mean of their two entropies; 1 where
///    both entropies are 0.
///  - ari: the adjusted Rand index (L. Hubert, P. Arabie, 1985): pairs of samples that are together
///    in both, less what chance would give, over the most that it can be, less the same. 1 where
///    they agree wholly, about 0 for clusters made at random.
HOURGLASS_API ClusterScores cluster_scores(const ClusteredSamples& training,
                                           const ClusteredSamples& test);

}  // namespace hourglass
