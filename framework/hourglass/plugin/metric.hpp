#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace hourglass {

/// The number by which counted randomness knows a split: train 0, validation 1, test 2. Throws
/// ConfigError for another name.
HOURGLASS_API std::uint32_t split_number(std::string_view split);

/// The splits that there are, for messages: "test, train".
HOURGLASS_API std::string split_names(const DataSet& data);

/// The split that a trained model is measured and shown on: "test" or, when there is none, "train".
HOURGLASS_API std::string evaluated_split(const DataSet& data);

struct Pca;

/// What is measured: a trained model with its data.
struct HOURGLASS_API Evaluation {
  Model& model;
  const DataSet& data;
  std::uint64_t seed = 1;
  /// A folder for what measures make from the data alone, so that other runs need not make it
  /// again; empty: nothing is kept.
  std::filesystem::path kept = {};

  /// The split that measures are taken on, and whose name theirs begin with.
  std::string split() const;
  const Source& source() const;
  /// The name of a measured number: "test/" and `rest`.
  std::string named(std::string_view rest) const;
  /// As many principal components of the training split as the code has numbers, the baseline of
  /// several measures: fitted when they are first asked for.
  const Pca& pca() const;

  mutable std::shared_ptr<const Pca> fitted_pca = {};
};

/// What was measured: numbers, and sentences that say how, in the order in which they came.
class HOURGLASS_API Measures {
 public:
  /// Throws Error for a name that is there already.
  void add(const std::string& name, double value);
  /// Unit and protocol of a number, or of all numbers whose names begin with `name`. Where that of
  /// a number ends with "higher is better" or "lower is better", `hourglass compare` ranks by it;
  /// the measures that Hourglass has need not say so.
  void explain(const std::string& name, const std::string& sentence);

  const NamedNumbers& numbers() const { return numbers_; }
  /// The number of this name, or null.
  const double* find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& protocol() const { return protocol_; }

 private:
  NamedNumbers numbers_;
  std::vector<std::pair<std::string, std::string>> protocol_;
};

/// A measure of trained models, with the options that an experiment gave it under `evaluate`.
///
///     Measures measures;
///     make_metric({"reconstruction"})->measure({model, data, seed}, measures);
class HOURGLASS_API Metric {
 public:
  virtual ~Metric();
  /// Why it cannot be taken of this model and these data, and what would do; empty where it can.
  /// Asked before training begins.
  virtual std::string fault(Model& model, const DataSet& data) const;
  /// The model's programs that `measure` runs over the evaluated split.
  virtual std::vector<Purpose> purposes() const = 0;
  /// Has the model compile all that `measure` runs, so that it is known before anything runs:
  /// `purposes` over the evaluated split, unless a metric knows better.
  virtual void compile(Model& model, const DataSet& data) const;
  /// Numbers that the data do not allow are left out.
  virtual void measure(const Evaluation& evaluation, Measures& measures) const = 0;
  /// What it adds to a split's group in latents.h5, beside the codes: datasets by name, a row for
  /// each sample. None, unless a metric has some.
  virtual std::vector<std::pair<std::string, Tensor>> columns(const Evaluation& evaluation,
                                                              const std::string& split) const;
  /// Pictures that show what was measured, u8 [height, width, 3], by the name of their file. None,
  /// unless a metric has some.
  virtual std::vector<std::pair<std::string, Tensor>> figures(const Evaluation& evaluation) const;
};

/// A kind of metric: its name, what it means, and the options that it declares. An author writes a
/// class, which MetricTypeOf wraps:
///
///     class Probe final : public Metric {
///      public:
///       static constexpr const char* kName = "probe";
///       static constexpr const char* kMeaning = "how well a linear classifier reads the codes";
///       struct Options { static void describe(Schema<Options>& schema); ... };
///       explicit Probe(const Options& options);
class HOURGLASS_API MetricType {
 public:
  virtual ~MetricType();
  virtual std::string_view name() const = 0;
  /// One sentence.
  virtual std::string_view meaning() const = 0;
  /// A row for each of its options.
  virtual std::vector<OptionRow> document() const = 0;
  /// Checks options, whose keys lie below `path`, and returns them with every default filled in.
  virtual config::Node resolve(const config::Node& options, const std::string& path,
                               config::Problems& problems) const = 0;
  /// Makes a metric with options that are good.
  virtual std::unique_ptr<Metric> make(const config::Node& options) const = 0;
};

template <class M>
class MetricTypeOf final : public MetricType {
 public:
  using Options = typename M::Options;

  std::string_view name() const override { return M::kName; }
  std::string_view meaning() const override { return M::kMeaning; }
  std::vector<OptionRow> document() const override { return schema_of<Options>().document(); }
  config::Node resolve(const config::Node& options, const std::string& path,
                       config::Problems& problems) const override {
    const auto schema = schema_of<Options>();
    return schema.write(schema.read(options, problems, path));
  }
  std::unique_ptr<Metric> make(const config::Node& options) const override {
    config::Problems problems;
    const Options read = schema_of<Options>().read(options, problems);
    problems.throw_if_any();
    return std::make_unique<M>(read);
  }
};

/// The measures of a variant's own. A variant names them, and includes this header:
///
///     using Metrics = MetricList<CodebookMetric>;
template <class... Ms>
struct MetricList {
  static std::span<const MetricType* const> types() {
    static const std::tuple<MetricTypeOf<Ms>...> kTypes;
    static const std::array<const MetricType*, sizeof...(Ms)> kAll = {
        &std::get<MetricTypeOf<Ms>>(kTypes)...};
    return kAll;
  }
};

}  // namespace hourglass
