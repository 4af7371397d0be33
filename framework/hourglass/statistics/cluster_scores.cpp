#include <hourglass/statistics/assignment.hpp>
#include <hourglass/statistics/cluster_scores.hpp>
#include <hourglass/statistics/mutual_information.hpp>

#include <algorithm>
#include <vector>

namespace hourglass {
namespace {

// How many samples of each cluster have each class.
class Contingency {
 public:
  Contingency(const ClusteredSamples& samples, std::size_t clusters, std::size_t classes)
      : clusters_(clusters), classes_(classes), counts_(clusters * classes, 0.0) {
    for (std::size_t i = 0; i < samples.clusters.size(); ++i) {
      counts_[static_cast<std::size_t>(samples.clusters[i]) * classes +
              static_cast<std::size_t>(samples.classes[i])] += 1;
    }
  }

  std::size_t clusters() const { return clusters_; }
  std::size_t classes() const { return classes_; }
  double count(std::size_t cluster, std::size_t of_class) const {
    return counts_[cluster * classes_ + of_class];
  }
  std::span<const double> counts() const { return counts_; }

  std::vector<double> sizes_of_clusters() const {
    std::vector<double> sizes(clusters_, 0.0);
    for (std::size_t i = 0; i < counts_.size(); ++i) sizes[i / classes_] += counts_[i];
    return sizes;
  }
  std::vector<double> sizes_of_classes() const {
    std::vector<double> sizes(classes_, 0.0);
    for (std::size_t i = 0; i < counts_.size(); ++i) sizes[i % classes_] += counts_[i];
    return sizes;
  }

 private:
  std::size_t clusters_, classes_;
  std::vector<double> counts_;
};

std::size_t one_beyond(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  return 1 + static_cast<std::size_t>(std::max(std::ranges::max(a), std::ranges::max(b)));
}

double pairs(std::span<const double> counts) {
  double sum = 0;
  for (const double count : counts) sum += count * (count - 1) / 2;
  return sum;
}

}  // namespace

ClusterScores cluster_scores(const ClusteredSamples& training, const ClusteredSamples& test) {
  const std::size_t clusters = one_beyond(training.clusters, test.clusters);
  const std::size_t classes = one_beyond(training.classes, test.classes);
  const Contingency known(training, clusters, classes), table(test, clusters, classes);
  const auto total = static_cast<double>(test.classes.size());
  const std::vector<double> by_cluster = table.sizes_of_clusters();
  const std::vector<double> by_class = table.sizes_of_classes();

  ClusterScores scores;
  scores.used = std::ranges::count_if(by_cluster, [](double size) { return size > 0; });

  const std::vector<float> counts(table.counts().begin(), table.counts().end());
  const std::vector<std::int64_t> assigned = best_assignment(
      counts, static_cast<std::int64_t>(clusters), static_cast<std::int64_t>(classes));
  for (std::size_t k = 0; k < clusters; ++k) {
    if (assigned[k] >= 0) {
      scores.accuracy += table.count(k, static_cast<std::size_t>(assigned[k])) / total;
    }
    const auto row = known.counts().subspan(k * classes, classes);
    const auto most = std::ranges::max_element(row);
    if (*most > 0) {
      scores.majority_accuracy +=
          table.count(k, static_cast<std::size_t>(most - row.begin())) / total;
    }
  }

  const double mean = (entropy(test.clusters) + entropy(test.classes)) / 2;
  scores.nmi = mean > 0 ? mutual_information(test.clusters, test.classes) / mean : 1;

  const double all = total * (total - 1) / 2;
  const double of_clusters = pairs(by_cluster), of_classes = pairs(by_class);
  const double chance = all > 0 ? of_clusters * of_classes / all : 0;
  const double most = (of_clusters + of_classes) / 2;
  scores.ari = most > chance ? (pairs(table.counts()) - chance) / (most - chance) : 1;
  return scores;
}

}  // namespace hourglass
