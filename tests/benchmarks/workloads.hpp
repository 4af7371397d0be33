#pragma once

#include <hourglass/plugin/model.hpp>

#include <memory>
#include <string>

namespace hourglass::bench {

/// A network to train, and how to measure it.
struct Workload {
  std::string name;
  std::int64_t batch = 0;
  std::int64_t samples = 4096;  // that are gone through again and again
  Shape sample_shape{28, 28};
  bool images = true;          // else standard normal numbers
  int window = 0;              // steps in one measurement
  double flop_per_sample = 0;  // of the products forward and backward
  double loss_scale = 1;       // from our objective to the figure that is printed
  ModelOptions options;
};

/// Throws ConfigError for an unknown name. `batch` 0: the usual one.
Workload workload(const std::string& name, std::int64_t batch);

/// `count` samples of the kind that a workload trains with.
Tensor samples_of(const Workload& workload, std::int64_t count);

/// The model that trains a workload.
std::unique_ptr<Model> model_of(const Workload& workload);

}  // namespace hourglass::bench
