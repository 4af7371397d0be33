#include <hourglass/evaluate/code_figures.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/figure/line_chart.hpp>
#include <hourglass/plugin/metric.hpp>
#include <hourglass/storage/png.hpp>

#include <algorithm>
#include <cmath>
#include <new>

namespace hourglass {

Tensor curves_figure(const csv::Table& metrics) {
  std::vector<figure::Series> series;
  for (const char* split : {"train", "validation", "test"}) {
    const std::string column = text(split, "/loss");
    if (metrics.find(column) < 0) continue;
    std::vector<double> losses = metrics.values(column);
    if (std::ranges::none_of(losses, [](double loss) { return std::isfinite(loss); })) continue;
    series.push_back({split, metrics.values("epoch"), std::move(losses)});
  }
  return figure::line_chart(series,
                            {.title = "Loss", .x_label = "epoch", .y_label = "loss per sample"});
}

std::vector<std::string> draw_run_figures(const std::filesystem::path& folder, Model& model,
                                          const DataSet& data, const csv::Table& metrics) {
  std::vector<std::string> faults;
  const auto draw = [&](const char* name, const auto& figure) {
    const std::filesystem::path path = folder / name;
    try {
      png::write(path, figure());
    } catch (const std::bad_alloc&) {
      faults.push_back(text(path.string(), ": not drawn: there is not enough memory"));
    } catch (const std::exception& error) {
      faults.push_back(text(path.string(), ": not drawn: ", error.what()));
    }
  };
  draw("reconstructions.png", [&] { return reconstructions_figure(model, data); });
  draw("latent.png", [&] { return latent_figure(model, data); });
  if (!metrics.rows.empty()) draw("curves.png", [&] { return curves_figure(metrics); });
  if (!has_code_figures(model, data)) return faults;
  if (has_samples_figure(model)) {
    draw("samples.png", [&] { return samples_figure(model, data); });
  }
  const Evaluation evaluation{model, data};
  const FiniteCodes codes =
      finite_codes(model, evaluation.source(), split_number(evaluation.split()), kMostShownCodes);
  draw("interpolation.png", [&] { return interpolation_figure(model, data, codes); });
  draw("traversal.png", [&] { return traversal_figure(model, data, codes); });
  if (model.code_shape().size() == 2) {
    draw("plane.png", [&] { return plane_figure(model, data, codes); });
  }
  return faults;
}

}  // namespace hourglass
