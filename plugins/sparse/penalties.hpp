#pragma once

#include <hourglass/plugin.hpp>

#include <optional>
#include <variant>

// What keeps a code sparse, as an experiment says it below `model.penalty`.
namespace hourglass::sparse {

struct Kl {
  static constexpr const char* kName = "kl";
  double rate = 0.05;
  Schedule weight = 5.0;
  static void describe(Schema<Kl>& schema) {
    schema.add("rate", &Kl::rate, "what the mean of each unit is to be", greater_than(0),
               less_than(1));
    schema.add("weight", &Kl::weight, "of the divergence, summed over units", at_least(0));
  }
};
struct L1 {
  static constexpr const char* kName = "l1";
  Schedule weight = 0.1;
  static void describe(Schema<L1>& schema) {
    schema.add("weight", &L1::weight, "of the sum of the code's sizes", at_least(0));
  }
};
/// What brings units back that are never chosen.
struct Revival {
  std::optional<double> auxiliary_weight;
  std::optional<int> auxiliary_k;
  double dead_after = 10000;
  template <class Penalty>
  static void describe_in(Schema<Penalty>& schema) {
    schema.add("auxiliary_weight", &Penalty::auxiliary_weight,
               "of what dead units leave of the error; null: 1/32, and 0 where the decoder has "
               "several layers",
               at_least(0));
    schema.add("auxiliary_k", &Penalty::auxiliary_k,
               "how many dead units a sample gets for that; null: half as many as features",
               at_least(1));
    schema.add("dead_after", &Penalty::dead_after,
               "samples without being active after which a unit is dead", at_least(1));
  }
};
struct TopK : Revival {
  static constexpr const char* kName = "topk";
  int k = 32;
  std::optional<int> k_start;
  double k_epochs = 5;
  std::optional<int> k_test;
  static void describe(Schema<TopK>& schema) {
    schema.add("k", &TopK::k, "active units of each sample", at_least(1));
    schema.add("k_start", &TopK::k_start, "of the first step, falling to k; null: k", at_least(1));
    schema.add("k_epochs", &TopK::k_epochs, "over how many epochs k_start falls", greater_than(0));
    schema.add("k_test", &TopK::k_test, "outside training; null: k", at_least(1));
    describe_in(schema);
  }
};
struct BatchTopK : Revival {
  static constexpr const char* kName = "batch_topk";
  int k = 32;
  static void describe(Schema<BatchTopK>& schema) {
    schema.add("k", &BatchTopK::k, "active units of a sample, the mean of each batch", at_least(1));
    describe_in(schema);
  }
};
struct JumpRelu {
  static constexpr const char* kName = "jumprelu";
  Schedule weight = 0.1;
  double threshold = 0.1;
  double bandwidth = 0.1;
  static void describe(Schema<JumpRelu>& schema) {
    schema.add("weight", &JumpRelu::weight, "of the number of active units", at_least(0));
    schema.add("threshold", &JumpRelu::threshold, "what each unit's threshold starts as",
               greater_than(0));
    schema.add("bandwidth", &JumpRelu::bandwidth,
               "width of the window about it in which its gradient is estimated", greater_than(0));
  }
};

using Penalty = std::variant<TopK, BatchTopK, L1, Kl, JumpRelu>;

}  // namespace hourglass::sparse
