#pragma once

#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace hourglass {

/// The graph that a model's variant writes for one purpose and batch size, with what it declares
/// there, over the model's own parameters.
class WrittenModel {
 public:
  WrittenModel(Model& model, Purpose purpose, std::int64_t batch);

  /// Samples of the training split that graphs are fed with.
  struct Samples {
    /// The samples `first`, `first + 1`, ...
    Samples(Model& model, const DataSet& data, std::uint32_t first, std::int64_t count);
    std::vector<std::uint32_t> indices;
    std::vector<float> values;
    std::vector<float> labels;  // empty where the data have none
  };

  Model& model() { return model_; }
  Graph& graph() { return graph_; }
  const ModelBuilder& builder() const { return *builder_; }
  const TrainStep& step(std::size_t number) const { return *builder_->train_steps()[number]; }

  /// Hands a program of this graph its inputs; the samples must outlive its runs.
  void feed(Program& program, const Samples& samples) const;
  /// What a run with these samples is given, where the train step has run `count` times.
  RunState state_of(const Samples& samples, std::int64_t count) const;

 private:
  Model& model_;
  Purpose purpose_;
  Graph graph_;
  std::unique_ptr<ModelBuilder> builder_;
};

}  // namespace hourglass
