#include <hourglass/evaluate/anomaly.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/label_groups.hpp>
#include <hourglass/figure/image_grid.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hourglass {
namespace {

// The samples to show: the highest scores from the highest down, then the lowest from the lowest
// up, as many of each.
std::vector<std::uint32_t> chosen_by(const std::vector<float>& scores) {
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, std::greater<>(), [&](std::uint32_t i) { return scores[i]; });
  const auto count = std::min<std::size_t>(kAnomaliesShown, order.size() / 2);
  std::vector<std::uint32_t> chosen(order.begin(),
                                    order.begin() + static_cast<std::ptrdiff_t>(count));
  chosen.insert(chosen.end(), order.rbegin(), order.rbegin() + static_cast<std::ptrdiff_t>(count));
  return chosen;
}

struct Triple {
  Tensor input, output, difference;
};

std::vector<Triple> triples(const Evaluation& evaluation,
                            const std::vector<std::uint32_t>& samples) {
  std::vector<Triple> result;
  const Shape& shape = evaluation.data.sample_shape;
  const auto kept = [&](const float* values) {
    Tensor tensor(shape);
    std::copy_n(values, shape.size(), tensor.floats().begin());
    evaluation.data.scaling->undo(tensor.floats());
    return tensor;
  };
  const ChosenSource chosen(evaluation.source(), samples);
  evaluation.model.reconstruct(
      chosen, split_number(evaluation.split()),
      [&](std::span<const std::uint32_t> indices, const float* x, const float* y) {
        for (std::size_t i = 0; i < indices.size(); ++i) {
          result.push_back({kept(x), kept(y), Tensor(shape)});
          x += shape.size();
          y += shape.size();
        }
      });
  return result;
}

// The class of a sample, and whether it is an anomaly.
std::string caption(const Source& source, const LabelGroups& groups, std::uint32_t sample) {
  const bool anomaly = source.labels().anomalies.values<std::uint8_t>()[sample] != 0;
  return groups.names[static_cast<std::size_t>(groups.of_sample[sample])] + (anomaly ? "*" : "");
}

}  // namespace

Tensor anomalies_figure(const Evaluation& evaluation, AnomalyScore score) {
  const Source& source = evaluation.source();
  const std::uint32_t split = split_number(evaluation.split());
  const std::vector<std::uint32_t> samples =
      chosen_by(anomaly_scores(evaluation.model, source, split, score));
  std::vector<Triple> shown = triples(evaluation, samples);

  figure::GridOptions options;
  options.low = std::numeric_limits<float>::infinity();
  options.high = -options.low;
  for (const Triple& each : shown) {
    const auto [least, greatest] = std::ranges::minmax(each.input.floats());
    options.low = std::min(options.low, least);
    options.high = std::max(options.high, greatest);
  }
  for (Triple& each : shown) {  // black where input and output agree
    for (std::int64_t i = 0; i < each.difference.size(); ++i) {
      each.difference.floats()[static_cast<std::size_t>(i)] =
          options.low + std::abs(each.input.floats()[static_cast<std::size_t>(i)] -
                                 each.output.floats()[static_cast<std::size_t>(i)]);
    }
  }
  const std::size_t count = samples.size() / 2;
  std::vector<figure::ImageRow> rows;
  for (const std::size_t first : {std::size_t{0}, count}) {
    figure::ImageRow input{first == 0 ? "highest scores" : "lowest scores", {}};
    figure::ImageRow output{"output", {}}, difference{"difference", {}};
    for (std::size_t i = first; i < first + count; ++i) {
      input.images.push_back(shown[i].input);
      output.images.push_back(shown[i].output);
      difference.images.push_back(shown[i].difference);
    }
    for (figure::ImageRow* row : {&input, &output, &difference}) rows.push_back(std::move(*row));
  }
  const LabelGroups groups = label_groups(source.labels());
  for (std::size_t i = 0; i < count && !groups.of_sample.empty(); ++i) {
    options.column_captions.push_back(text(caption(source, groups, samples[i]), " / ",
                                           caption(source, groups, samples[count + i])));
  }
  options.title = text(evaluation.data.name, ": ", evaluation.split(),
                       " images of the highest and the lowest scores; * anomaly");
  return figure::image_rows(rows, options);
}

}  // namespace hourglass
