#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/figure/line_chart.hpp>
#include <hourglass/storage/png.hpp>

#include <algorithm>
#include <cmath>

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

void draw_run_figures(const std::filesystem::path& folder, Model& model, const DataSet& data,
                      const csv::Table& metrics) {
  png::write(folder / "reconstructions.png", reconstructions_figure(model, data));
  png::write(folder / "latent.png", latent_figure(model, data));
  if (!metrics.rows.empty()) png::write(folder / "curves.png", curves_figure(metrics));
}

}  // namespace hourglass
