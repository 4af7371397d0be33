#pragma once

#include <hourglass/config/parse.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin.hpp>
#include <hourglass/plugin/model.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <support/samples.hpp>

/// Models for tests: one dense layer each way, with weights that a test sets by hand.
namespace small {

class Shallow final : public hourglass::Variant {
 public:
  struct Options {
    int latent = 2;
    bool rectified = false;
    float noise = 0;       // of the code
    bool sigmoid = false;  // cross-entropy of a sigmoid, else squared error of a linear output
  };
  static void describe(hourglass::Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code");
    schema.add("rectified", &Options::rectified, "whether codes are rectified");
    schema.add("noise", &Options::noise, "standard deviation of what is added to codes");
    schema.add("sigmoid", &Options::sigmoid, "whether the output is a probability");
  }
  void build(hourglass::ModelBuilder& model, const Options& options) {
    using namespace hourglass;
    Value code = model.dense("code", model.encoder(model.input()), options.latent,
                             options.rectified ? Activation::Relu : Activation::None);
    if (options.noise > 0) code = code + options.noise * model.normal("noise", code.shape());
    const Value logits = model.decoder(model.latent(code));
    model.reconstruction(options.sigmoid ? hourglass::sigmoid(logits) : logits);
    const int features = static_cast<int>(model.data().sample_shape.size());
    const Value each = options.sigmoid ? binary_cross_entropy(logits, model.target())
                                       : squared_error(logits, model.target());
    model.train_step("reconstruction")
        .minimise(sum(reshape(each, Shape{model.batch(), features}), {1}));
  }
};

/// `options` is the model section, "{latent: 3}".
inline std::unique_ptr<hourglass::Model> make(const hourglass::VariantType& type,
                                              const std::string& options,
                                              const hourglass::Shape& sample_shape) {
  hourglass::config::Problems problems;
  hourglass::ModelSetup setup;
  setup.options =
      read_model_options(type, hourglass::config::parse_text(options, "test.yaml"), problems);
  problems.throw_if_any();
  setup.data = {sample_shape, {.least = 0, .greatest = 1}};
  setup.optimizer = hourglass::AdamOptions();
  auto model = std::make_unique<hourglass::Model>(std::move(setup));
  model->code_shape();  // makes the parameters
  return model;
}

inline std::unique_ptr<hourglass::Model> make(const std::string& options,
                                              const hourglass::Shape& sample_shape) {
  static const hourglass::VariantTypeOf<Shallow> kType("shallow", "1.0.0", "for tests");
  return make(kType, options, sample_shape);
}

inline void set(hourglass::Model& model, const std::string& path, std::vector<float> values) {
  hourglass::Variable* variable = model.variables().find(path);
  hourglass::Tensor tensor(variable->shape());
  std::copy(values.begin(), values.end(), tensor.floats().begin());
  variable->write(tensor);
}

inline hourglass::DataSet data(std::shared_ptr<hourglass::Source> train,
                               std::shared_ptr<hourglass::Source> test = nullptr) {
  hourglass::DataSet set;
  set.name = "made";
  set.title = "Made by hand";
  set.sample_shape = train->sample_shape();
  set.scaling = std::make_shared<hourglass::FittedScaling>();
  set.splits["train"] = std::move(train);
  if (test != nullptr) set.splits["test"] = std::move(test);
  return set;
}

/// A data set whose test split has samples of `features` values, from `x`.
inline hourglass::DataSet test_data(const std::vector<float>& x, std::int64_t features) {
  const auto count = static_cast<std::int64_t>(x.size()) / features;
  return data(hourglass::test::source({1, features},
                                      std::vector<float>(static_cast<std::size_t>(features))),
              hourglass::test::source({count, features}, x));
}

}  // namespace small
