#include <hourglass/nn/kernel_options.hpp>

#include <algorithm>

namespace hourglass {

std::vector<std::int64_t> spread(const Sizes& sizes, int axes) {
  std::vector<std::int64_t> numbers = sizes.numbers;
  if (numbers.size() == 1) numbers.resize(axes, numbers[0]);
  return numbers;
}

ConvolutionOptions options_of(const KernelOptions& layer, int axes) {
  ConvolutionOptions options;
  options.stride = spread(layer.stride, axes);
  options.dilation = spread(layer.dilation, axes);
  options.groups = layer.groups;
  const std::vector<std::int64_t> kernel = spread(layer.kernel, axes);
  const auto fits = [&](const auto& list) { return std::ssize(list) == axes; };
  if (layer.padding) {
    options.padding = spread(*layer.padding, axes);
  } else if (fits(kernel) && fits(options.stride) && fits(options.dilation)) {
    options.padding.clear();
    for (int axis = 0; axis < axes; ++axis) {
      const std::int64_t beyond =
          options.dilation[axis] * (kernel[axis] - 1) + 1 - options.stride[axis];
      options.padding.push_back(std::max<std::int64_t>(beyond + 1, 0) / 2);
    }
  }
  return options;
}

std::int64_t transposed_size(std::int64_t size, std::int64_t kernel,
                             const ConvolutionOptions& options, int axis) {
  return (size - 1) * options.stride[axis] - 2 * options.padding[axis] +
         options.dilation[axis] * (kernel - 1) + 1;
}

}  // namespace hourglass
