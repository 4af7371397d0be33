#pragma once

#include <hourglass/data/split.hpp>

#include <support/streams_variant.hpp>
#include <support/training.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

/// Trainings of variants with several train steps, on data of three classes.
namespace hourglass::test {

/// Samples [count, 5] of the classes 0, 1, 2, 0, ...
inline std::shared_ptr<Source> labelled_source(std::int64_t count, std::uint64_t seed) {
  Labels labels;
  labels.classes = Tensor({count}, DType::I64);
  for (std::int64_t i = 0; i < count; ++i) labels.classes.values<std::int64_t>()[i] = i % 3;
  return std::make_shared<MemorySource>(uniform({count, 5}, seed), labels,
                                        std::make_shared<FittedScaling>());
}

inline DataSet labelled_data(std::int64_t count, std::int64_t labelled) {
  DataSet data = data_of({{"train", labelled_source(count, 1)}});
  data.classes = 3;
  data.labelled = choose_labelled(data.train().labels(), 3, labelled, 1);
  return data;
}

/// Any variant's model of samples [5] with three classes.
template <class V>
ModelSetup setup_of(const std::string& model) {
  static const VariantTypeOf<V> kType("made", "1.0.0", "for tests");
  config::Problems problems;
  ModelSetup setup = vanilla("{}", {5});
  setup.options = read_model_options(kType, config::parse_text(model, "test.yaml"), problems);
  problems.throw_if_any();
  setup.data.classes = 3;
  return setup;
}

inline ModelSetup streams(const std::string& model) { return setup_of<Streams>(model); }

}  // namespace hourglass::test
