#include <hourglass/core/random.hpp>
#include <hourglass/evaluate/code_figures.hpp>
#include <hourglass/evaluate/label_groups.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/figure/scatter.hpp>
#include <hourglass/plugin/metric.hpp>
#include <hourglass/statistics/pca.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hourglass {
namespace {

constexpr std::size_t kMostColours = 20;

struct Plane {
  Tensor points;  // [codes, 2]
  figure::ScatterOptions options;
};

// One number a code: shaken apart along the other axis, which means nothing.
Plane line_of(const Tensor& codes) {
  Tensor points(Shape{codes.shape()[0], 2});
  const auto [least, greatest] = std::ranges::minmax(codes.floats());
  RandomStream random(0, "latent figure");
  for (std::size_t i = 0; i < codes.floats().size(); ++i) {
    points.floats()[2 * i] = codes.floats()[i];
    points.floats()[2 * i + 1] = random.uniform(-0.25f, 0.25f) * (greatest - least);
  }
  return {points, {.x_label = "code", .y_label = "at random, to tell points apart"}};
}

Plane principal_plane(const Tensor& codes) {
  const MemorySource source(codes, {}, std::make_shared<FittedScaling>());
  const Pca pca = fit_pca(source, 2);
  const Tensor flat = pca.project(codes);
  Tensor points(Shape{codes.shape()[0], 2});  // one sample has one component only
  for (std::int64_t i = 0; i < codes.shape()[0]; ++i) {
    std::copy_n(flat.floats().begin() + i * pca.count(), pca.count(),
                points.floats().begin() + 2 * i);
  }
  const auto label = [&](const char* which, std::size_t i) {
    if (i >= pca.variances.size() || !(pca.total_variance > 0)) return std::string(which);
    const auto percent = std::lround(100 * pca.variances[i] / pca.total_variance);
    return text(which, " principal component, ", percent, " % of the variance");
  };
  return {points, {.x_label = label("first", 0), .y_label = label("second", 1)}};
}

Plane plane_of(const Tensor& codes) {
  const std::int64_t size = codes.shape()[1];
  if (codes.shape()[0] == 0) return {Tensor(Shape{0, 2}), {}};
  if (size == 1) return line_of(codes);
  if (size > 2) return principal_plane(codes);
  return {codes, {.x_label = "code 0", .y_label = "code 1"}};
}

Tensor scatter_of(const Plane& plane, const Labels& labels) {
  const LabelGroups groups = label_groups(labels);
  std::vector<double> values;
  std::string name = "class";
  if (groups.names.size() > kMostColours) {
    const auto classes = labels.classes.values<std::int64_t>();
    values.assign(classes.begin(), classes.end());
  } else if (groups.names.empty() && labels.has_factors() && labels.factors.shape()[1] > 0) {
    const auto step = static_cast<std::size_t>(labels.factors.shape()[1]);
    for (std::size_t i = 0; i < labels.factors.floats().size(); i += step) {
      values.push_back(labels.factors.floats()[i]);
    }
    name = labels.factor_names.empty() ? "first factor" : labels.factor_names[0];
  } else {
    return figure::scatter(plane.points, groups.of_sample, groups.names, plane.options);
  }
  return figure::scatter(plane.points, values, name, plane.options);
}

}  // namespace

std::int64_t latent_figure_samples(const DataSet& data) {
  return std::min(data.find(evaluated_split(data))->size(), kMostShownCodes);
}

Tensor latent_figure(Model& model, const DataSet& data) {
  const Evaluation evaluation{model, data};
  const Source& source = evaluation.source();
  const FiniteCodes codes =
      finite_codes(model, source, split_number(evaluation.split()), kMostShownCodes);
  Plane plane = plane_of(codes.values);
  plane.options.title = text(data.name, ": codes of ", evaluation.split(), " samples",
                             codes.values.shape()[1] > 2 ? ", by principal components" : "");
  return scatter_of(plane, source.labels().chosen(codes.samples));
}

}  // namespace hourglass
