#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/label_groups.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/evaluate/shades.hpp>
#include <hourglass/figure/image_grid.hpp>
#include <hourglass/figure/line_chart.hpp>
#include <hourglass/plugin/metric.hpp>

#include <algorithm>
#include <numeric>

namespace hourglass {
namespace {

constexpr std::size_t kColumns = 10;
constexpr std::size_t kSheetRows = 2;
constexpr std::size_t kCharts = 3;

// Samples in rows, with what stands above each column.
struct Sheet {
  std::vector<std::vector<std::uint32_t>> rows;
  std::vector<std::string> captions;
};

Sheet unnamed_samples(std::int64_t size) {
  Sheet sheet;
  for (const std::uint32_t sample : spread(size, kColumns * kSheetRows)) {
    if (sheet.rows.empty() || sheet.rows.back().size() == kColumns) sheet.rows.emplace_back();
    sheet.rows.back().push_back(sample);
  }
  return sheet;
}

// The samples of each group that has at least `least`, of at most `most` groups.
struct Group {
  std::string name;
  std::vector<std::uint32_t> samples;
};
std::vector<Group> groups_of(const Labels& labels, std::size_t least, std::size_t most) {
  const LabelGroups all = label_groups(labels);
  std::vector<Group> groups;
  for (const std::string& name : all.names) groups.push_back({name, {}});
  for (std::size_t i = 0; i < all.of_sample.size(); ++i) {
    groups[static_cast<std::size_t>(all.of_sample[i])].samples.push_back(
        static_cast<std::uint32_t>(i));
  }
  std::erase_if(groups, [&](const Group& group) { return group.samples.size() < least; });
  if (groups.size() > most) groups.resize(most);
  return groups;
}

// As many columns of each class as fit; a class's samples, spread evenly, fill its columns row by
// row.
Sheet sheet_of(const Source& source) {
  const std::vector<Group> groups = groups_of(source.labels(), kSheetRows, kColumns);
  if (groups.empty()) return unnamed_samples(source.size());
  std::size_t columns = kColumns / groups.size();
  for (const Group& group : groups) {
    columns = std::min(columns, group.samples.size() / kSheetRows);
  }
  Sheet sheet;
  sheet.rows.resize(kSheetRows);
  for (const Group& group : groups) {
    const auto places =
        spread(std::ssize(group.samples), static_cast<std::int64_t>(columns * kSheetRows));
    for (std::size_t i = 0; i < places.size(); ++i) {
      sheet.rows[i / columns].push_back(group.samples[places[i]]);
    }
    sheet.captions.insert(sheet.captions.end(), columns, group.name);
  }
  return sheet;
}

// Samples and what the model makes of them, [sample shape] each, in between what it was given where
// the experiment corrupts samples.
struct Shown {
  std::vector<Tensor> originals;
  std::vector<Tensor> corrupted;
  std::vector<Tensor> results;

  const char* result_name() const { return corrupted.empty() ? "reconstruction" : "output"; }
};

Shown reconstructed(Model& model, const Source& source, std::uint32_t split,
                    std::vector<std::uint32_t> samples, const FittedScaling* undo) {
  Shown shown;
  const Shape& shape = source.sample_shape();
  const auto keep = [&](const float* values, std::int64_t count, std::vector<Tensor>& kept) {
    for (std::int64_t i = 0; i < count; ++i, values += shape.size()) {
      Tensor tensor(shape);
      std::copy_n(values, shape.size(), tensor.floats().begin());
      if (undo != nullptr) undo->undo(tensor.floats());
      kept.push_back(std::move(tensor));
    }
  };
  const ChosenSource chosen(source, std::move(samples));
  if (reconstructions_figure_purpose(model) == Purpose::Denoise) {
    model.denoise(chosen, split,
                  [&](std::span<const std::uint32_t> indices, const float* from,
                      const float* corrupted, const float* to) {
                    keep(from, std::ssize(indices), shown.originals);
                    keep(corrupted, std::ssize(indices), shown.corrupted);
                    keep(to, std::ssize(indices), shown.results);
                  });
  } else {
    model.reconstruct(
        chosen, split,
        [&](std::span<const std::uint32_t> indices, const float* from, const float* to) {
          keep(from, std::ssize(indices), shown.originals);
          keep(to, std::ssize(indices), shown.results);
        });
  }
  return shown;
}

Tensor sheet_figure(Model& model, const DataSet& data, const Evaluation& evaluation) {
  const Sheet sheet = sheet_of(evaluation.source());
  std::vector<std::uint32_t> samples;
  for (const auto& row : sheet.rows) samples.insert(samples.end(), row.begin(), row.end());
  const Shown shown = reconstructed(model, evaluation.source(), split_number(evaluation.split()),
                                    samples, data.scaling.get());
  std::vector<figure::ImageRow> rows;
  std::ptrdiff_t first = 0, last = 0;
  const auto add = [&](const char* name, const std::vector<Tensor>& images) {
    rows.push_back({name, {images.begin() + first, images.begin() + last}});
  };
  for (const auto& row : sheet.rows) {
    last = first + static_cast<std::ptrdiff_t>(row.size());
    add("original", shown.originals);
    if (!shown.corrupted.empty()) add("corrupted", shown.corrupted);
    add(shown.result_name(), shown.results);
    first = last;
  }
  figure::GridOptions options = shades(*data.scaling, shown.originals);
  options.title = text(data.name, ": ", evaluation.split(),
                       shown.corrupted.empty() ? " images and their reconstructions"
                                               : " images, corrupted, and what the model gives");
  options.column_captions = sheet.captions;
  return figure::image_rows(rows, options);
}

// Pictures one above the other, on white.
Tensor stacked(const std::vector<Tensor>& pictures) {
  std::int64_t height = 0, width = 0;
  for (const Tensor& picture : pictures) {
    height += picture.shape()[0];
    width = std::max(width, picture.shape()[1]);
  }
  Tensor whole(Shape{height, width, 3}, DType::U8);
  const auto out = whole.values<std::uint8_t>();
  std::ranges::fill(out, std::uint8_t{255});
  auto line = out.begin();
  for (const Tensor& picture : pictures) {
    const auto from = picture.values<std::uint8_t>();
    const std::int64_t row = 3 * picture.shape()[1];
    for (std::int64_t y = 0; y < picture.shape()[0]; ++y, line += 3 * width) {
      std::copy_n(from.begin() + y * row, row, line);
    }
  }
  return whole;
}

// The first sample of each of three classes, or the first three.
std::vector<std::uint32_t> chart_samples(const Source& source) {
  std::vector<std::uint32_t> samples;
  for (const Group& group : groups_of(source.labels(), 1, kCharts)) {
    samples.push_back(group.samples[0]);
  }
  const auto size = static_cast<std::uint32_t>(source.size());
  for (std::uint32_t i = 0; i < size && samples.size() < kCharts; ++i) {
    if (std::ranges::find(samples, i) == samples.end()) samples.push_back(i);
  }
  return samples;
}

Tensor charts_figure(Model& model, const DataSet& data, const Evaluation& evaluation) {
  const bool one_scale = data.scaling->scale().size() == 1;
  const LabelGroups groups = label_groups(evaluation.source().labels());
  const std::vector<std::uint32_t> samples = chart_samples(evaluation.source());
  const Shown shown = reconstructed(model, evaluation.source(), split_number(evaluation.split()),
                                    samples, one_scale ? data.scaling.get() : nullptr);
  std::vector<double> features(static_cast<std::size_t>(data.sample_shape.size()));
  std::iota(features.begin(), features.end(), 1.0);
  const auto series = [&](const char* name, const Tensor& values) {
    return figure::Series{name, features, {values.floats().begin(), values.floats().end()}};
  };
  std::vector<Tensor> charts;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::string title = text(data.name, ": ", evaluation.split(), " sample ", samples[i]);
    if (!groups.of_sample.empty()) {
      const auto group = static_cast<std::size_t>(groups.of_sample[samples[i]]);
      title += text(", class ", groups.names[group]);
    }
    std::vector<figure::Series> lines{series("original", shown.originals[i])};
    if (!shown.corrupted.empty()) lines.push_back(series("corrupted", shown.corrupted[i]));
    lines.push_back(series(shown.result_name(), shown.results[i]));
    charts.push_back(figure::line_chart(lines, {.title = title,
                                                .x_label = "feature",
                                                .y_label = one_scale ? "value" : "scaled value",
                                                .height = 240,
                                                .logarithmic = false}));
  }
  return stacked(charts);
}

}  // namespace

Purpose reconstructions_figure_purpose(const Model& model) {
  return model.setup().corruption.empty() ? Purpose::Reconstruct : Purpose::Denoise;
}

std::int64_t reconstructions_figure_samples(const DataSet& data) {
  const Source& source = *data.find(evaluated_split(data));
  if (!data.has_images()) return std::ssize(chart_samples(source));
  std::int64_t count = 0;
  for (const auto& row : sheet_of(source).rows) count += std::ssize(row);
  return count;
}

Tensor reconstructions_figure(Model& model, const DataSet& data) {
  const Evaluation evaluation{model, data};
  return data.has_images() ? sheet_figure(model, data, evaluation)
                           : charts_figure(model, data, evaluation);
}

}  // namespace hourglass
