#include <hourglass/core/cpu.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/sweep_kernels.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/normalization.hpp>
#include <hourglass/ops/normalization_kernels.hpp>
#include <hourglass/ops/power.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/second_gradients.hpp>
#include <hourglass/ops/square.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace hourglass {

extern const NormalizationKernels kNormalizationKernels_v2;
extern const NormalizationKernels kNormalizationKernels_v3;
extern const NormalizationKernels kNormalizationKernels_v4;

const NormalizationKernels& normalization_kernels() {
  switch (isa()) {
    case Isa::V4: return kNormalizationKernels_v4;
    case Isa::V3: return kNormalizationKernels_v3;
    case Isa::V2: break;
  }
  return kNormalizationKernels_v2;
}

namespace {

using onednn::Layout;
using onednn::MemoryAxis;

/// A layout's memory as [samples, blocks, places, lanes]: channel c stands in lane c % lanes of
/// block c / lanes, and lanes beyond the channels are padding. Plain images have one lane, images
/// with channels last one block, and a matrix one block of one place.
struct Form {
  std::int64_t samples = 1, blocks = 1, places = 1, lanes = 1, channels = 1;

  std::int64_t sample() const { return blocks * places * lanes; }
  std::int64_t padded_channels() const { return blocks * lanes; }
  bool is_padded() const { return padded_channels() != channels; }
  /// Where in a sample's memory the element of this number of a plain sample stands.
  std::int64_t position(std::int64_t element) const {
    const std::int64_t channel = element / places, place = element % places;
    return (channel / lanes * places + place) * lanes + channel % lanes;
  }
};

std::optional<Form> form_of(const Layout& layout) {
  const Shape& shape = layout.shape();
  Form form;
  form.samples = shape[0];
  form.channels = shape[1];
  std::vector<MemoryAxis> axes = layout.memory_axes();
  std::erase_if(axes, [](const MemoryAxis& axis) { return axis.extent == 1; });
  auto each = axes.begin();
  const auto take = [&](int axis) -> std::int64_t {
    if (each == axes.end() || each->axis != axis) return 1;
    return each++->extent;
  };
  take(0);
  form.blocks = take(1);
  for (int axis = 2; axis < shape.rank(); ++axis) {
    if (each != axes.end() && each->axis == axis && each->step != 1) return std::nullopt;
    form.places *= take(axis);
  }
  form.lanes = take(1);
  if (each != axes.end()) return std::nullopt;
  if (form.places == 1) {
    form.lanes *= std::exchange(form.blocks, 1);
  }
  return form;
}

/// One block of one place where all elements have a weight of their own anyway.
Form flat_form(const Shape& shape) {
  const std::int64_t size = shape.without(0).size();
  return {shape[0], 1, 1, size, size};
}

/// A run of blocks that holds whole groups.
struct Cluster {
  std::int64_t first_block, end_block, first_group, end_group;
};

/// What the forward and the backward share.
class NormalizationKernel : public Kernel {
 public:
  NormalizationKernel(const Form& form, const NormalizationOptions& options, bool affine)
      : form_(form), options_(options), affine_(affine) {
    const std::int64_t work = form_.samples * form_.sample() / 16384;
    parts_ = std::clamp<std::int64_t>(
        work, 1, std::max<std::int64_t>(std::min<std::int64_t>(thread_count(), form_.samples), 1));
    of_group_ = form_.channels / options_.groups;
    const std::int64_t step = std::lcm(of_group_, form_.lanes) / form_.lanes;
    for (std::int64_t block = 0; block < form_.blocks; block += step) {
      const std::int64_t end = std::min(block + step, form_.blocks);
      clusters_.push_back({block, end, block * form_.lanes / of_group_,
                           std::min(end * form_.lanes / of_group_, options_.groups)});
    }
    clusters_.back().end_group = options_.groups;
  }
  std::string implementation() const override { return text("normalize:", name_of(isa())); }

 protected:
  /// Runs of samples, and a number of each run: sums over the batch are made run by run.
  template <class Body>
  void each_part(Body&& body) const {
    parallel_for(parts_, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t part = begin; part < end; ++part) {
        body(part, form_.samples * part / parts_, form_.samples * (part + 1) / parts_);
      }
    });
  }

  float count() const { return static_cast<float>(of_group_ * form_.places); }
  LaneRows rows() const { return {form_.places, form_.lanes}; }
  std::int64_t block_size() const { return form_.places * form_.lanes; }
  std::int64_t first_channel(const Cluster& cluster) const {
    return cluster.first_block * form_.lanes;
  }
  std::int64_t end_channel(const Cluster& cluster) const { return cluster.end_block * form_.lanes; }
  /// Whether a sample's memory is that of a plain one.
  bool in_order() const { return !form_.is_padded() && (form_.places == 1 || form_.lanes == 1); }

  /// Elements of a weight in the order of a sample's memory; zero in padding.
  const float* arranged(const float* weight, float* room) const {
    if (in_order()) return weight;
    std::fill_n(room, form_.sample(), 0.0f);
    const std::int64_t elements = form_.channels * form_.places;
    for (std::int64_t i = 0; i < elements; ++i) room[form_.position(i)] = weight[i];
    return room;
  }

  void clear_padding(float* sample) const {
    const std::int64_t used = form_.channels % form_.lanes;
    if (used == 0) return;
    float* row = sample + (form_.blocks - 1) * block_size();
    for (std::int64_t place = 0; place < form_.places; ++place, row += form_.lanes) {
      std::fill(row + used, row + form_.lanes, 0.0f);
    }
  }

  Form form_;
  NormalizationOptions options_;
  bool affine_;
  std::int64_t of_group_ = 1;  // channels
  std::int64_t parts_ = 1;
  std::vector<Cluster> clusters_;
};

/// x, weight and bias -> y, and the moments of each group.
class NormalizationForward final : public NormalizationKernel {
 public:
  using NormalizationKernel::NormalizationKernel;
  std::size_t scratch_bytes() const override {
    const std::int64_t weights =
        affine_ && options_.by_element && !in_order() ? 2 * form_.sample() : 0;
    return (weights + parts_ * kArrays * form_.padded_channels()) * sizeof(float);
  }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    weight_ = affine_ ? binding.input(1) : nullptr;
    bias_ = affine_ ? binding.input(2) : nullptr;
    y_ = binding.output(0);
    moments_ = reinterpret_cast<Moments*>(binding.output(1));
    scratch_ = reinterpret_cast<float*>(binding.scratch);
  }
  void run() override {
    arrays_ = scratch_;
    const float *weight = weight_, *bias = bias_;
    if (affine_ && options_.by_element && !in_order()) {
      weight = arranged(weight_, scratch_);
      bias = arranged(bias_, scratch_ + form_.sample());
      arrays_ += 2 * form_.sample();
    }
    each_part([&](std::int64_t part, std::int64_t begin, std::int64_t end) {
      for (std::int64_t sample = begin; sample < end; ++sample) {
        const std::int64_t at = sample * form_.sample();
        Moments* moments = moments_ + sample * options_.groups;
        for (const Cluster& cluster : clusters_) {
          find_moments(part, x_ + at, cluster, moments);
          if (options_.by_element) continue;
          scale_channels(part, x_ + at, y_ + at, cluster, moments);
        }
        if (!options_.by_element) continue;
        normalization_kernels().scale(y_ + at, x_ + at, form_.sample(), *moments, weight, bias);
        clear_padding(y_ + at);
      }
    });
  }

 private:
  static constexpr int kArrays = 5;  // centre, factor, shift, sum, squares
  float* array(std::int64_t part, int which) const {
    return arrays_ + (part * kArrays + which) * form_.padded_channels();
  }

  Moments moments_of(double sum, double squares, float centre) const {
    const double mean = sum / count(), variance = squares / count() - mean * mean;
    return {centre, static_cast<float>(mean),
            static_cast<float>(1 / std::sqrt((variance < 0 ? 0 : variance) + options_.epsilon))};
  }

  void find_moments(std::int64_t part, const float* x, const Cluster& cluster,
                    Moments* moments) const {
    // A group that stands in one piece, or its lanes.
    if (form_.places == 1 || of_group_ % form_.lanes == 0) {
      for (std::int64_t group = cluster.first_group; group < cluster.end_group; ++group) {
        const float* from = x + group * of_group_ * form_.places;
        const std::int64_t n = of_group_ * form_.places;
        const float centre = vector_kernels().sum(from, n) / count();
        float sum, squares;
        normalization_kernels().sums(from, n, centre, &sum, &squares);
        moments[group] = moments_of(sum, squares, centre);
      }
      return;
    }
    float *centre = array(part, 0), *sum = array(part, 3), *squares = array(part, 4);
    std::fill(centre + first_channel(cluster), centre + end_channel(cluster), 0.0f);
    sum_lanes(part, x, cluster);
    for (std::int64_t group = cluster.first_group; group < cluster.end_group; ++group) {
      const std::int64_t first = group * of_group_;
      const double total = std::accumulate(sum + first, sum + first + of_group_, 0.0);
      std::fill_n(centre + first, of_group_, static_cast<float>(total / count()));
    }
    sum_lanes(part, x, cluster);
    for (std::int64_t group = cluster.first_group; group < cluster.end_group; ++group) {
      const std::int64_t first = group * of_group_;
      moments[group] = moments_of(
          std::accumulate(sum + first, sum + first + of_group_, 0.0),
          std::accumulate(squares + first, squares + first + of_group_, 0.0), centre[first]);
    }
  }

  void sum_lanes(std::int64_t part, const float* x, const Cluster& cluster) const {
    for (std::int64_t block = cluster.first_block; block < cluster.end_block; ++block) {
      const std::int64_t channel = block * form_.lanes;
      normalization_kernels().lane_sums(x + block * block_size(), rows(), array(part, 0) + channel,
                                        array(part, 3) + channel, array(part, 4) + channel);
    }
  }

  void scale_channels(std::int64_t part, const float* x, float* y, const Cluster& cluster,
                      const Moments* moments) const {
    float *centre = array(part, 0), *factor = array(part, 1), *shift = array(part, 2);
    for (std::int64_t c = first_channel(cluster); c < end_channel(cluster); ++c) {
      if (c >= form_.channels) {
        centre[c] = factor[c] = shift[c] = 0;
        continue;
      }
      const Moments& each = moments[c / of_group_];
      centre[c] = each.centre;
      factor[c] = each.over_deviation * (affine_ ? weight_[c] : 1.0f);
      shift[c] = (affine_ ? bias_[c] : 0.0f) - each.offset * factor[c];
    }
    for (std::int64_t block = cluster.first_block; block < cluster.end_block; ++block) {
      const std::int64_t at = block * block_size(), channel = block * form_.lanes;
      normalization_kernels().scale_lanes(y + at, x + at, rows(), centre + channel,
                                          factor + channel, shift + channel);
    }
  }

  const float* x_ = nullptr;
  const float* weight_ = nullptr;
  const float* bias_ = nullptr;
  float* y_ = nullptr;
  Moments* moments_ = nullptr;
  float* scratch_ = nullptr;
  float* arrays_ = nullptr;
};

/// x, dy, the moments, weight -> dx, and the gradients of weight and bias.
class NormalizationBackward final : public NormalizationKernel {
 public:
  using NormalizationKernel::NormalizationKernel;
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(sums_size() + arrays_size()) * sizeof(float);
  }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    dy_ = binding.input(1);
    moments_ = reinterpret_cast<const Moments*>(binding.inputs[2]);
    weight_ = affine_ ? binding.input(3) : nullptr;
    dx_ = binding.output(0);
    dweight_ = affine_ ? binding.output(1) : nullptr;
    dbias_ = affine_ ? binding.output(2) : nullptr;
    sums_ = reinterpret_cast<float*>(binding.scratch);
    arrays_ = sums_ + sums_size();
  }
  void run() override { options_.by_element ? run_by_element() : run_by_channel(); }

 private:
  static constexpr int kArrays = 6;  // centre, factor, slope, shift, sum, products
  float* array(std::int64_t part, int which) const {
    return arrays_ + (part * kArrays + which) * form_.padded_channels();
  }
  /// For the weight's gradient, then for the bias's: rows that are summed at the end.
  std::int64_t sum_rows() const { return options_.by_element ? parts_ : form_.samples; }
  std::int64_t sum_width() const {
    return options_.by_element ? form_.sample() : form_.padded_channels();
  }
  std::int64_t sums_size() const { return affine_ ? 2 * sum_rows() * sum_width() : 0; }
  std::int64_t arrays_size() const {
    return options_.by_element ? (affine_ && !in_order() ? form_.sample() : 0)
                               : parts_ * kArrays * form_.padded_channels();
  }
  float* weight_sums(std::int64_t row) const { return sums_ + row * sum_width(); }
  float* bias_sums(std::int64_t row) const { return sums_ + (sum_rows() + row) * sum_width(); }

  void run_by_element() const {
    const float* weight = affine_ ? arranged(weight_, arrays_) : nullptr;
    each_part([&](std::int64_t part, std::int64_t begin, std::int64_t end) {
      float* dweight = affine_ ? weight_sums(part) : nullptr;
      float* dbias = affine_ ? bias_sums(part) : nullptr;
      if (affine_) {
        std::fill_n(dweight, sum_width(), 0.0f);
        std::fill_n(dbias, sum_width(), 0.0f);
      }
      const NormalizationKernels& kernels = normalization_kernels();
      for (std::int64_t sample = begin; sample < end; ++sample) {
        const std::int64_t at = sample * form_.sample();
        const Moments& moments = moments_[sample];
        float sum, products;
        kernels.gradient_sums(x_ + at, dy_ + at, form_.sample(), moments, weight, dweight, dbias,
                              &sum, &products);
        kernels.gradient(dx_ + at, x_ + at, dy_ + at, form_.sample(), moments, weight,
                         sum / count(), products / count());
        clear_padding(dx_ + at);
      }
    });
    finish_sums();
  }

  void run_by_channel() const {
    each_part([&](std::int64_t part, std::int64_t begin, std::int64_t end) {
      for (std::int64_t sample = begin; sample < end; ++sample) {
        for (const Cluster& cluster : clusters_) run_cluster(part, sample, cluster);
      }
    });
    finish_sums();
  }

  void run_cluster(std::int64_t part, std::int64_t sample, const Cluster& cluster) const {
    const NormalizationKernels& kernels = normalization_kernels();
    const Moments* moments = moments_ + sample * options_.groups;
    float *centre = array(part, 0), *factor = array(part, 1), *slope = array(part, 2),
          *shift = array(part, 3), *sum = array(part, 4), *products = array(part, 5);
    const auto zero = [&](float* values) {
      std::fill(values + first_channel(cluster), values + end_channel(cluster), 0.0f);
    };
    for (float* each : {centre, factor, slope, shift}) zero(each);
    for (std::int64_t group = cluster.first_group; group < cluster.end_group; ++group) {
      std::fill_n(centre + group * of_group_, of_group_, moments[group].centre);
    }
    const std::int64_t start = sample * form_.sample();
    for (std::int64_t block = cluster.first_block; block < cluster.end_block; ++block) {
      const std::int64_t at = start + block * block_size(), channel = block * form_.lanes;
      kernels.gradient_lane_sums(x_ + at, dy_ + at, rows(), centre + channel, sum + channel,
                                 products + channel);
    }
    for (std::int64_t group = cluster.first_group; group < cluster.end_group; ++group) {
      const Moments& each = moments[group];
      const std::int64_t first = group * of_group_, end = first + of_group_;
      double gradient = 0, product = 0;  // sums of dy weight, and of dy weight z
      for (std::int64_t c = first; c < end; ++c) {
        const float weight = affine_ ? weight_[c] : 1.0f;
        const float with_z = (products[c] - each.offset * sum[c]) * each.over_deviation;
        gradient += weight * sum[c];
        product += weight * with_z;
        factor[c] = weight * each.over_deviation;
        if (!affine_) continue;
        weight_sums(sample)[c] = with_z;
        bias_sums(sample)[c] = sum[c];
      }
      const double over = each.over_deviation, n = count();
      const double along = -over * over * product / n;
      std::fill(slope + first, slope + end, static_cast<float>(along));
      std::fill(shift + first, shift + end,
                static_cast<float>(-over * gradient / n - along * each.offset));
    }
    for (std::int64_t block = cluster.first_block; block < cluster.end_block; ++block) {
      const std::int64_t at = start + block * block_size(), channel = block * form_.lanes;
      kernels.gradient_lanes(dx_ + at, x_ + at, dy_ + at, rows(), centre + channel,
                             factor + channel, slope + channel, shift + channel);
    }
  }

  /// The sums of the rows, first into the first of them, in the order of the weight.
  void finish_sums() const {
    if (!affine_) return;
    constexpr std::int64_t kColumns = 256;
    const std::int64_t rows = sum_rows(), width = sum_width();
    const std::int64_t tiles = (width + kColumns - 1) / kColumns;
    const std::int64_t grain =
        std::max<std::int64_t>(16384 / std::max<std::int64_t>(rows * kColumns, 1), 1);
    parallel_for(tiles, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t tile = begin; tile < end; ++tile) {
        const std::int64_t first = tile * kColumns, n = std::min(kColumns, width - first);
        for (std::int64_t row = 1; row < rows; ++row) {
          vector_kernels().accumulate(weight_sums(0) + first, weight_sums(row) + first, n);
          vector_kernels().accumulate(bias_sums(0) + first, bias_sums(row) + first, n);
        }
      }
    });
    put(weight_sums(0), dweight_);
    put(bias_sums(0), dbias_);
  }

  void put(const float* sums, float* gradient) const {
    if (!options_.by_element) {
      if (sum_rows() > 0) {
        std::copy_n(sums, form_.channels, gradient);
      } else {
        std::fill_n(gradient, form_.channels, 0.0f);
      }
    } else if (in_order()) {
      std::copy_n(sums, form_.channels * form_.places, gradient);
    } else {
      const std::int64_t elements = form_.channels * form_.places;
      for (std::int64_t i = 0; i < elements; ++i) gradient[i] = sums[form_.position(i)];
    }
  }
  const float* x_ = nullptr;
  const float* dy_ = nullptr;
  const Moments* moments_ = nullptr;
  const float* weight_ = nullptr;
  float* dx_ = nullptr;
  float* dweight_ = nullptr;
  float* dbias_ = nullptr;
  float* sums_ = nullptr;
  float* arrays_ = nullptr;
};

/// The whole in operations with gradients of their own. v: x, and weight and bias if there are any.
Value composed(std::span<const Value> v, const NormalizationOptions& options) {
  const Shape& shape = v[0].shape();
  const Shape grouped{shape[0], options.groups, shape.size() / (shape[0] * options.groups)};
  const Shape of_group{shape[0], options.groups, 1};
  const Value x = reshape(v[0], grouped);
  const Value centred = x - reshape(mean(x, {2}), of_group);
  const Value variance = reshape(mean(square(centred), {2}), of_group);
  const Value z = reshape(centred * power(variance + options.epsilon, -0.5f), shape);
  if (v.size() == 1) return z;
  Shape weights = v[1].shape();
  if (!options.by_element) {
    for (int axis = 2; axis < shape.rank(); ++axis) weights = weights.appended(1);
  }
  return z * reshape(v[1], weights) + reshape(v[2], weights);
}

class Normalization : public Operation {
 public:
  explicit Normalization(const NormalizationOptions& options) : options_(options) {}
  std::string attributes() const override {
    return text(options_.by_element ? "" : text("groups ", options_.groups, ", "), "epsilon ",
                options_.epsilon);
  }

 protected:
  /// The layout that x has, where the kernel can do with it, and its form.
  std::pair<Layout, Form> form(const Lowering& lowering) const {
    const Shape& shape = lowering.input_shape(0);
    const Layout layout = lowering.input_layout(0).like(shape);
    if (options_.by_element && layout.is_plain()) return {layout, flat_form(shape)};
    if (shape.rank() <= 4) {
      if (const auto found = form_of(layout)) return {layout, *found};
    }
    const Layout plain = Layout::plain(shape);
    return {plain, options_.by_element ? flat_form(shape) : *form_of(plain)};
  }

  NormalizationOptions options_;
};

class NormalizeBackward final : public Normalization {
 public:
  using Normalization::Normalization;
  std::string name() const override { return text(options_.name, "_backward"); }
  std::vector<Value> backward(const Backward& node) const override {
    std::vector<Value> inputs{node.inputs[0]};
    if (node.inputs.size() > 3) {
      // The bias, whose value does not matter here.
      const Value weight = node.inputs[3];
      inputs.insert(inputs.end(), {weight, weight.graph().filled(weight.shape(), 0.0f)});
    }
    const auto found =
        second_gradients([&](std::span<const Value> v) { return composed(v, options_); }, inputs,
                         node.inputs[1], node.gradients);
    std::vector<Value> result(node.inputs.size());
    result[0] = found.front();
    result[1] = found.back();
    if (node.inputs.size() > 3) result[3] = found[1];
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const auto [layout, form] = this->form(lowering);
    lowering.want(0, layout);
    lowering.want(1, layout);
    lowering.give(0, layout);
    return std::make_unique<NormalizationBackward>(form, options_, lowering.inputs() > 3);
  }
};

class Normalize final : public Normalization {
 public:
  using Normalization::Normalization;
  std::string name() const override { return options_.name; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0];
    std::vector<Value> inputs{x, node.gradients[0], node.outputs[1]};
    std::vector<Shape> shapes{x.shape()};
    if (node.inputs.size() > 1) {
      inputs.push_back(node.inputs[1]);
      shapes.insert(shapes.end(), 2, node.inputs[1].shape());
    }
    return x.graph().add(std::make_shared<NormalizeBackward>(options_), inputs, shapes);
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const auto [layout, form] = this->form(lowering);
    lowering.want(0, layout);
    lowering.give(0, layout);
    return std::make_unique<NormalizationForward>(form, options_, lowering.inputs() > 1);
  }
};

}  // namespace

Value normalized(Value x, Value weight, Value bias, const NormalizationOptions& options) {
  std::vector<Value> inputs{x};
  if (weight) inputs.insert(inputs.end(), {weight, bias});
  // A group's moments are three numbers: see Moments.
  const Shape shapes[] = {x.shape(), {x.shape()[0], options.groups, 3}};
  return x.graph().add(std::make_shared<Normalize>(options), inputs, shapes)[0];
}

}  // namespace hourglass
