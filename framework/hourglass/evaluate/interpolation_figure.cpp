#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/decoded_images.hpp>
#include <hourglass/evaluate/label_groups.hpp>
#include <hourglass/plugin/metric.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace hourglass {
namespace {

constexpr std::size_t kPairs = 5;
constexpr std::size_t kStepsBetween = 9;  // both codes included

// Two codes, by their places.
struct Pair {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string caption;
};

std::vector<Pair> any_pairs(std::size_t codes) {
  std::vector<Pair> pairs;
  const auto places = spread(static_cast<std::int64_t>(codes), 2 * kPairs);
  for (std::size_t i = 0; i + 1 < places.size(); i += 2) {
    pairs.push_back({places[i], places[i + 1], ""});
  }
  if (pairs.empty()) pairs.push_back({0, 0, ""});  // of a single code
  return pairs;
}

// Pairs of different classes, which all have their turn.
std::vector<Pair> pairs_of(const Labels& labels, std::size_t codes) {
  const LabelGroups groups = label_groups(labels);
  std::vector<std::vector<std::size_t>> members(groups.names.size());
  for (std::size_t i = 0; i < groups.of_sample.size(); ++i) {
    members[static_cast<std::size_t>(groups.of_sample[i])].push_back(i);
  }
  if (members.size() < 2) return any_pairs(codes);
  const auto classes = spread(std::ssize(members), 2 * kPairs);
  std::vector<std::size_t> turns(members.size(), 0);
  const auto next = [&](std::size_t group) {
    const std::vector<std::size_t>& own = members[group];
    return own[turns[group]++ * std::max<std::size_t>(1, own.size() / kPairs) % own.size()];
  };
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < kPairs; ++i) {
    const std::size_t from = classes[2 * i % classes.size()];
    const std::size_t to = classes[(2 * i + 1) % classes.size()];
    const std::size_t first = next(from);
    pairs.push_back({first, next(to), text(groups.names[from], " to ", groups.names[to])});
  }
  return pairs;
}

Tensor codes_between(const std::vector<Pair>& pairs, const Tensor& codes) {
  const auto size = static_cast<std::size_t>(codes.shape()[1]);
  Tensor between(Shape{static_cast<std::int64_t>(pairs.size() * kStepsBetween), codes.shape()[1]});
  auto out = between.floats().begin();
  for (const Pair& pair : pairs) {
    const auto from = codes.floats().subspan(pair.from * size, size);
    const auto to = codes.floats().subspan(pair.to * size, size);
    for (std::size_t step = 0; step < kStepsBetween; ++step) {
      const float t = static_cast<float>(step) / (kStepsBetween - 1);
      for (std::size_t j = 0; j < size; ++j) *out++ = (1 - t) * from[j] + t * to[j];
    }
  }
  return between;
}

}  // namespace

Tensor interpolation_figure(Model& model, const DataSet& data, const FiniteCodes& codes) {
  check_any(codes);
  const Evaluation evaluation{model, data};
  const Source& source = evaluation.source();
  const std::vector<Pair> pairs =
      pairs_of(source.labels().chosen(codes.samples), codes.samples.size());
  std::vector<std::uint32_t> ends;
  for (const Pair& pair : pairs) {
    ends.push_back(codes.samples[pair.from]);
    ends.push_back(codes.samples[pair.to]);
  }
  Tensor samples(source.sample_shape().prepended(std::ssize(ends)));
  source.read(ends, samples.floats().data());
  const std::vector<Tensor> originals = shown_images(samples, data);
  const std::vector<Tensor> between =
      shown_images(decoded(model, codes_between(pairs, codes.values)), data);
  std::vector<figure::ImageRow> rows;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    figure::ImageRow row{pairs[i].caption, {originals[2 * i]}};
    for (std::size_t step = 0; step < kStepsBetween; ++step) {
      row.images.push_back(between[i * kStepsBetween + step]);
    }
    row.images.push_back(originals[2 * i + 1]);
    rows.push_back(std::move(row));
  }
  figure::GridOptions grid = shades(*data.scaling, originals);
  grid.title =
      text(data.name, ": on straight lines between the codes of ", evaluation.split(), " samples");
  grid.column_captions = {"sample", "0", "", "1/4", "", "1/2", "", "3/4", "", "1", "sample"};
  grid.cell = 40;
  return figure::image_rows(rows, grid);
}

}  // namespace hourglass
