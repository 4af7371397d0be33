#include <hourglass/experiment/objective.hpp>

#include <algorithm>
#include <array>

namespace hourglass {

namespace {

/// With all below them.
constexpr std::array<std::string_view, 19> kKeepObjective = {"train",
                                                             "init_from",
                                                             "freeze",
                                                             "dataset.limit",
                                                             "dataset.labelled",
                                                             "model.latent",
                                                             "model.encoder",
                                                             "model.decoder",
                                                             "model.initializer",
                                                             "model.code_activation",
                                                             "model.tied",
                                                             "model.output",
                                                             "model.unit_norm",
                                                             "model.pre_bias",
                                                             "model.penalty.topk.k",
                                                             "model.penalty.topk.k_start",
                                                             "model.penalty.topk.k_epochs",
                                                             "model.penalty.topk.k_test",
                                                             "model.penalty.batch_topk.k"};

}  // namespace

bool keeps_objective(std::string_view key) {
  return std::ranges::any_of(kKeepObjective, [key](std::string_view known) {
    return key == known || (key.starts_with(known) && key[known.size()] == '.');
  });
}

bool is_loss(std::string_view metric) { return metric.ends_with("/loss"); }

}  // namespace hourglass
