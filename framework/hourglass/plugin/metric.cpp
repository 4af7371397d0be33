#include <hourglass/core/error.hpp>
#include <hourglass/plugin/metric.hpp>
#include <hourglass/statistics/pca.hpp>

namespace hourglass {

std::uint32_t split_number(std::string_view split) {
  if (split == "train") return 0;
  if (split == "validation") return 1;
  if (split == "test") return 2;
  throw ConfigError(text("unknown split \"", split, "\"; there are train, validation and test"));
}

std::string split_names(const DataSet& data) {
  std::string names;
  for (const auto& [name, source] : data.splits) names += (names.empty() ? "" : ", ") + name;
  return names;
}

std::string evaluated_split(const DataSet& data) {
  return data.find("test") != nullptr ? "test" : "train";
}

std::string Evaluation::split() const { return evaluated_split(data); }

const Source& Evaluation::source() const { return *data.find(split()); }

std::string Evaluation::named(std::string_view rest) const { return text(split(), "/", rest); }

const Pca& Evaluation::pca() const {
  if (fitted_pca == nullptr) {
    fitted_pca = std::make_shared<const Pca>(fit_pca(data.train(), model.code_shape().size()));
  }
  return *fitted_pca;
}

void Measures::add(const std::string& name, double value) {
  if (find(name) != nullptr) throw Error(text("\"", name, "\" is measured twice"));
  numbers_.emplace_back(name, value);
}

void Measures::explain(const std::string& name, const std::string& sentence) {
  protocol_.emplace_back(name, sentence);
}

const double* Measures::find(std::string_view name) const {
  for (const auto& [each, value] : numbers_) {
    if (each == name) return &value;
  }
  return nullptr;
}

Metric::~Metric() = default;
MetricType::~MetricType() = default;

std::string Metric::fault(Model&, const DataSet&) const { return ""; }

std::vector<std::pair<std::string, Tensor>> Metric::columns(const Evaluation&,
                                                            const std::string&) const {
  return {};
}

std::vector<std::pair<std::string, Tensor>> Metric::figures(const Evaluation&) const { return {}; }

void Metric::compile(Model& model, const DataSet& data) const {
  for (const Purpose purpose : purposes()) {
    model.compile(purpose, data.find(evaluated_split(data))->size());
  }
}

}  // namespace hourglass
