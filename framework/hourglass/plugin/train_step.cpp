#include <hourglass/core/error.hpp>
#include <hourglass/graph/leaves.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/plugin/train_step.hpp>

namespace hourglass {

namespace {

Value as_scalar(Value value, const std::string& step) {
  if (value.shape().rank() > 1) {
    throw ShapeError(text("train step \"", step, "\": a loss has one number a sample, got ",
                          value.shape().to_text(), "; sum over the features"));
  }
  return mean(value);
}

}  // namespace

const char* name_of(Stream stream) {
  switch (stream) {
    case Stream::All: return "all";
    case Stream::Labelled: return "labelled";
    case Stream::Second: break;
  }
  return "second";
}

TrainStep& TrainStep::minimise(Value loss) {
  objective_ = as_scalar(loss, name_);
  return *this;
}

TrainStep& TrainStep::part(std::string name, Value value) {
  parts_.push_back({std::move(name), as_scalar(value, name_)});
  return *this;
}

TrainStep& TrainStep::moving(std::vector<std::string> prefixes) {
  prefixes_ = std::move(prefixes);
  return *this;
}

TrainStep& TrainStep::optimizer(std::optional<OptimizerOptions> options) {
  optimizer_ = std::move(options);
  return *this;
}

TrainStep& TrainStep::every(std::int64_t n) {
  if (n < 1) throw ConfigError(text("train step \"", name_, "\": every must be >= 1, got ", n));
  every_ = n;
  return *this;
}

TrainStep& TrainStep::stream(Stream stream, std::int64_t batch) {
  if (batch < 0) {
    throw ConfigError(text("train step \"", name_, "\": a batch must be >= 1, got ", batch));
  }
  if (stream == Stream::All && batch > 0) {
    throw ConfigError(text("train step \"", name_, "\": the batch of the stream all is train.batch",
                           ", it cannot be ", batch, " for this step"));
  }
  stream_ = stream;
  batch_ = batch;
  return *this;
}

TrainStep& TrainStep::coupled() {
  coupled_ = true;
  return *this;
}

TrainStep& TrainStep::assign(Value state, Value value) {
  const auto* leaf = as<VariableLeaf>(*state.graph().node_of(state.id()).operation);
  if (leaf == nullptr || leaf->variable().kind() != Variable::Kind::State) {
    throw Error(text("train step \"", name_, "\": assigns to what is no state of the model; make ",
                     "one with model.state"));
  }
  if (value.shape() != state.shape()) {
    throw ShapeError(text("train step \"", name_, "\": the state \"", leaf->variable().path(),
                          "\" has shape ", state.shape().to_text(), ", it is assigned ",
                          value.shape().to_text()));
  }
  assignments_.push_back({&leaf->variable(), value});
  return *this;
}

}  // namespace hourglass
