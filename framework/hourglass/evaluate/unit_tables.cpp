#include <hourglass/evaluate/unit_tables.hpp>
#include <hourglass/figure/image_grid.hpp>
#include <hourglass/storage/csv.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

constexpr std::size_t kTopParts = 5;
constexpr std::size_t kMostAtoms = 100;

// The units, most active first; among equals in their order.
std::vector<std::size_t> by_rate(const std::vector<UnitActivity>& units) {
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](auto a, auto b) { return units[a].rate > units[b].rate; });
  return order;
}

// The places of the `count` largest of n numbers, the largest first; among equals the first.
template <class Number>
std::vector<std::size_t> largest_of(std::size_t n, std::size_t count, const Number& number) {
  std::vector<std::size_t> places(n);
  std::iota(places.begin(), places.end(), std::size_t{0});
  const std::size_t kept = std::min(n, count);
  std::ranges::partial_sort(places, places.begin() + static_cast<std::ptrdiff_t>(kept),
                            [&](auto a, auto b) {
                              const auto left = number(a), right = number(b);
                              return left != right ? left > right : a < b;
                            });
  places.resize(kept);
  return places;
}

std::string name_of(std::size_t feature, const std::vector<std::string>& names) {
  return feature < names.size() ? names[feature] : text(feature);
}

template <class Part>
std::string joined_by_blanks(const std::vector<Part>& parts) {
  std::string out;
  for (const Part& part : parts) out += text(out.empty() ? "" : " ", part);
  return out;
}

// What each unit's mean active value alone changes in the reconstruction of nothing.
std::vector<Tensor> decoded_atoms(Model& model, const std::vector<std::size_t>& order,
                                  const std::vector<UnitActivity>& units, const Shape& image) {
  const auto count = static_cast<std::int64_t>(order.size());
  const auto size = static_cast<std::size_t>(model.code_shape().size());
  Tensor codes(model.code_shape().prepended(count + 1));
  for (std::size_t i = 0; i < order.size(); ++i) {
    codes.floats()[i * size + order[i]] = static_cast<float>(units[order[i]].mean_when_active());
  }
  const Tensor decoded = model.decode(codes);
  const std::int64_t features = image.size();
  const auto none = decoded.floats().subspan(static_cast<std::size_t>(count * features));
  std::vector<Tensor> images;
  for (std::int64_t i = 0; i < count; ++i) {
    Tensor& each = images.emplace_back(image);
    for (std::int64_t k = 0; k < features; ++k) {
      each.floats()[k] = decoded.floats()[i * features + k] - none[k];
    }
  }
  return images;
}

}  // namespace

std::optional<Tensor> atoms(Model& model, const DataSet& data) {
  const Variable* weight = model.variables().find("decoder.0.weight");
  const Shape whole{data.sample_shape.size(), model.code_shape().size()};
  if (weight == nullptr || weight->kept_shape() != whole ||
      model.variables().find("decoder.1.weight") != nullptr) {
    return std::nullopt;
  }
  return weight->is_kept_turned() ? weight->read() : turned_round(weight->read());
}

std::string units_table(const std::vector<UnitActivity>& units, const Source& source,
                        const std::optional<Tensor>& atoms,
                        const std::vector<std::string>& feature_names) {
  std::vector<std::string> header{"unit", "rate", "mean", "mean_when_active", "top_samples"};
  if (atoms) header.emplace_back("top_features");
  std::string out = csv::row(header);
  for (const std::size_t i : by_rate(units)) {
    const UnitActivity& unit = units[i];
    std::vector<std::uint32_t> samples;
    for (const auto& [value, sample] : unit.top) samples.push_back(source.row(sample));
    std::vector<std::string> fields{text(i), csv::field(unit.rate), csv::field(unit.mean),
                                    csv::field(unit.mean_when_active()),
                                    csv::field(joined_by_blanks(samples))};
    if (atoms) {
      const auto features = static_cast<std::size_t>(atoms->shape()[1]);
      const auto atom = atoms->floats().subspan(i * features, features);
      std::vector<std::string> names;
      for (const std::size_t k :
           largest_of(features, kTopParts, [&](auto k) { return std::abs(atom[k]); })) {
        names.push_back(name_of(k, feature_names));
      }
      fields.push_back(csv::field(joined_by_blanks(names)));
    }
    out += csv::row(fields);
  }
  return out;
}

std::string features_table(const std::vector<UnitActivity>& units, const Tensor& atoms,
                           const std::vector<std::string>& feature_names) {
  const auto features = static_cast<std::size_t>(atoms.shape()[1]);
  const auto part = [&](std::size_t unit, std::size_t feature) {
    return std::abs(double{atoms.floats()[unit * features + feature]}) * units[unit].rate;
  };
  std::vector<double> importance(features, 0.0);
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    for (std::size_t k = 0; k < features; ++k) importance[k] += part(unit, k);
  }
  std::string out =
      csv::row(std::vector<std::string>{"rank", "feature", "importance", "top_units"});
  std::size_t rank = 0;
  for (const std::size_t k :
       largest_of(features, features, [&](auto each) { return importance[each]; })) {
    const auto top =
        largest_of(units.size(), kTopParts, [&](std::size_t unit) { return part(unit, k); });
    out += csv::row(std::vector<std::string>{text(++rank), csv::field(name_of(k, feature_names)),
                                             csv::field(importance[k]),
                                             csv::field(joined_by_blanks(top))});
  }
  return out;
}

Tensor atoms_figure(const Evaluation& evaluation, const std::vector<UnitActivity>& units,
                    const std::optional<Tensor>& atoms) {
  std::vector<std::size_t> order = by_rate(units);
  std::erase_if(order, [&](std::size_t i) { return units[i].rate == 0; });
  order.resize(std::min(order.size(), kMostAtoms));
  const Shape& image = evaluation.data.sample_shape;
  std::vector<Tensor> images;
  if (atoms) {
    for (const std::size_t i : order) {
      const auto size = static_cast<std::size_t>(image.size());
      std::ranges::copy(atoms->floats().subspan(i * size, size),
                        images.emplace_back(image).floats().begin());
    }
  } else {
    images = decoded_atoms(evaluation.model, order, units, image);
  }
  for (Tensor& each : images) {  // to [-1, 1]
    float most = 0;
    for (const float value : each.floats()) most = std::max(most, std::abs(value));
    if (most == 0) continue;
    for (float& value : each.floats()) value /= most;
  }
  return figure::image_grid(images, 0,
                            {.title = "Atoms of the most active units",
                             .low = -1,
                             .high = 1,
                             .colors = figure::ColorMap::Diverging,
                             .cell = 30});
}

}  // namespace hourglass
