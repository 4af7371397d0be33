#include <hourglass/nn/kernel_options.hpp>
#include <hourglass/ops/pooling.hpp>
#include <hourglass/ops/resample.hpp>
#include <hourglass/ops/reshape.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace hourglass {

namespace {

/// Whether a layer has a bias; nothing for those that have no weights.
std::optional<bool> bias_of(const LayerOptions& layer) {
  return std::visit(
      [](const auto& kind) -> std::optional<bool> {
        if constexpr (requires { kind.bias; }) return kind.bias;
        return std::nullopt;
      },
      layer.kind);
}

/// What followed the layer that made what is restored: so much is restored too.
struct Followers {
  bool bias = true;
  Activation activation = Activation::None;
  /// Normalisations behind that, each with what followed it.
  std::vector<LayerOptions> norms;
  /// What the first normalisation saw, as far as it is as large as what is restored.
  Shape shape;
  bool are_data = true;  // no layer made it
};

/// Of what came before the last of `shapes`, which has one more than there are layers.
Followers followers(std::span<const LayerOptions> layers, std::span<const Shape> shapes) {
  std::size_t begin = layers.size();  // behind the layer that made it
  while (begin > 0 && !bias_of(layers[begin - 1])) --begin;
  Followers found;
  if (begin == 0) return found;
  found.are_data = false;
  found.bias = *bias_of(layers[begin - 1]);
  found.activation = layers[begin - 1].activation;
  std::size_t first_norm = layers.size();
  for (std::size_t i = begin; i < layers.size(); ++i) {
    if (normalises(layers[i])) {
      first_norm = std::min(first_norm, i);
      found.norms.push_back(layers[i]);
    } else if (layers[i].activation != Activation::None) {
      (found.norms.empty() ? found.activation : found.norms.back().activation) =
          layers[i].activation;
    }
  }
  found.shape = *std::ranges::find(shapes.subspan(first_norm), shapes.back().size(), &Shape::size);
  return found;
}

std::int64_t channels_of(const Shape& shape) { return shape.rank() == 2 ? 1 : shape[1]; }
std::int64_t size_along(const Shape& shape, int axis) {
  return shape[shape.rank() == 2 ? 1 : axis + 2];
}

/// The layer whose product is the transposed one of `conv`, for an x of what that gave.
ConvTransposeLayer undoing(const ConvLayer& conv, const Shape& x, const Shape& shape) {
  ConvTransposeLayer layer;
  static_cast<KernelOptions&>(layer) = conv;
  const int axes = x.rank() - 2;
  const ConvolutionOptions options = options_of(conv, axes);
  const std::vector<std::int64_t> kernel = spread(conv.kernel, axes);
  layer.padding = Sizes{options.padding};
  layer.output_padding.emplace();
  for (int axis = 0; axis < axes; ++axis) {
    layer.output_padding->numbers.push_back(
        size_along(shape, axis) - transposed_size(x[axis + 2], kernel[axis], options, axis));
  }
  layer.channels = static_cast<int>(channels_of(shape));
  return layer;
}

ConvLayer undoing(const ConvTransposeLayer& conv, const Shape& x, const Shape& shape) {
  ConvLayer layer;
  static_cast<KernelOptions&>(layer) = conv;
  layer.padding = Sizes{options_of(conv, x.rank() - 2).padding};
  layer.channels = static_cast<int>(channels_of(shape));
  return layer;
}

/// x cropped at the far ends to the sizes of `shape`, where it has the same axes.
Value without_excess(Value x, const Shape& shape) {
  if (x.shape().rank() != shape.rank() || shape.rank() < 3) return x;
  std::vector<std::int64_t> excess;
  for (int axis = 2; axis < shape.rank(); ++axis) {
    excess.push_back(std::max<std::int64_t>(x.shape()[axis] - shape[axis], 0));
  }
  return std::ranges::any_of(excess, std::identity()) ? crop(x, {0}, excess) : x;
}

}  // namespace

Value LayerWriter::mirror(Value z, std::span<const LayerOptions> encoder,
                          std::span<const Shape> shapes, bool has_code_layer) {
  Value x = z;
  // Gives what came before layer `i`.
  const auto restore = [&](auto layer, std::size_t i) {
    const Followers after = followers(encoder.first(i), shapes.first(i + 1));
    layer.bias = after.bias;
    if (after.are_data) {
      const Graph::Scope scope(parameters_.graph(), "output");
      x = write_here(x, {layer, Activation::None});
    } else {
      x = write(x, {layer, after.activation});
      if (!after.norms.empty()) x = reshape(without_excess(x, shapes[i]), after.shape);
      for (const LayerOptions& norm : after.norms) x = write(x, norm);
    }
  };
  const auto as_wide = [](const Shape& shape) {
    DenseLayer layer;
    layer.width = static_cast<int>(shape.size() / shape[0]);
    return layer;
  };
  if (has_code_layer) {
    restore(as_wide(shapes.back()), encoder.size());
    x = reshape(x, shapes.back());
  }
  for (std::size_t i = encoder.size(); i-- > 0;) {
    const Shape& shape = shapes[i];
    const auto& kind = encoder[i].kind;
    if (std::holds_alternative<DenseLayer>(kind)) {
      restore(as_wide(shape), i);
    } else if (const auto* conv = std::get_if<ConvLayer>(&kind)) {
      restore(undoing(*conv, x.shape(), shape), i);
    } else if (const auto* transposed = std::get_if<ConvTransposeLayer>(&kind)) {
      restore(undoing(*transposed, x.shape(), shape), i);
    } else if (std::holds_alternative<MaxPoolLayer>(kind) ||
               std::holds_alternative<AvgPoolLayer>(kind)) {
      while (x.shape().rank() < shape.rank()) x = reshape(x, x.shape().appended(1));  // global
      std::vector<std::int64_t> sizes(shape.begin() + 2, shape.end());
      x = resize(x, sizes);
    } else if (const auto* larger = std::get_if<UpsampleLayer>(&kind)) {
      x = average_pool(x, {.kernel = larger->factor.numbers});
    }
    x = without_excess(x, shape);
    if (x.shape() != shape) x = reshape(x, shape);
  }
  return x;
}

}  // namespace hourglass
