#pragma once

#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace hourglass {

/// Samples of the training split that programs are fed with.
struct TrialSamples {
  /// The samples `first`, `first + 1`, ..., from the beginning again where the split ends.
  TrialSamples(Model& model, const DataSet& data, std::int64_t first, std::int64_t count);
  std::vector<std::uint32_t> indices;
  std::vector<float> values;
  std::vector<float> labels;  // empty where the data have none
};

/// Hands a program those of its inputs that it needs; the samples must outlive its runs.
void feed(Program& program, const TrialSamples& samples);

/// The training program of a train step for batches of this size.
Program& program_of_step(Model& model, std::size_t number, std::int64_t batch);

/// The graph that a model's variant writes for one purpose and batch size, with what it declares
/// there, over the model's own parameters.
class WrittenModel {
 public:
  /// `step`: the train step by whose count schedules in epochs go.
  WrittenModel(Model& model, Purpose purpose, std::int64_t batch, std::size_t step = 0);

  Model& model() { return model_; }
  Graph& graph() { return graph_; }
  const ModelBuilder& builder() const { return *builder_; }
  const TrainStep& step(std::size_t number) const { return *builder_->train_steps()[number]; }

  /// What a run with these samples is given, where the train step has run `count` times.
  RunState state_of(const TrialSamples& samples, std::int64_t count) const;

 private:
  Model& model_;
  Purpose purpose_;
  Graph graph_;
  std::unique_ptr<ModelBuilder> builder_;
};

}  // namespace hourglass
