#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/slice.hpp>
#include <hourglass/ops/sum.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace hourglass::test {

namespace {

using Options = ConvolutionOptions;

GradientFunction convolved(const Options& options) {
  return [=](Values v) { return convolution(v[0], v[1], v.size() > 2 ? v[2] : Value(), options); };
}
GradientFunction transposed(const Options& options) {
  return [=](Values v) {
    return transposed_convolution(v[0], v[1], v.size() > 2 ? v[2] : Value(), options);
  };
}

/// The definition of a convolution in two dimensions, without groups, in double precision.
Numbers convolution_by_hand(const Tensor& x, const Tensor& weight, const Tensor& bias,
                            const Shape& shape, std::int64_t stride, std::int64_t padding) {
  const std::int64_t in = x.shape()[1], height = x.shape()[2], width = x.shape()[3];
  const std::int64_t kernel = weight.shape()[2];
  Numbers y;
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t o = 0; o < shape[1]; ++o) {
      for (std::int64_t i = 0; i < shape[2]; ++i) {
        for (std::int64_t j = 0; j < shape[3]; ++j) {
          double sum = bias.floats()[o];
          for (std::int64_t c = 0; c < in; ++c) {
            for (std::int64_t a = 0; a < kernel; ++a) {
              for (std::int64_t b = 0; b < kernel; ++b) {
                const std::int64_t row = i * stride + a - padding,
                                   column = j * stride + b - padding;
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                sum += double{x.floats()[((n * in + c) * height + row) * width + column]} *
                       weight.floats()[((o * in + c) * kernel + a) * kernel + b];
              }
            }
          }
          y.push_back(static_cast<float>(sum));
        }
      }
    }
  }
  return y;
}

}  // namespace

TEST_SUITE("ops/convolution") {
  TEST_CASE("a convolution computed by hand") {
    const Tensor x = tensor({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
    const Tensor weight = tensor({1, 1, 2, 2}, {1, 0, 0, -1});
    CHECK(run(convolved({}), {x, weight}) == Numbers{-4, -4, -4, -4});
    CHECK(run(convolved({}), {x, weight, tensor({1}, {10})}) == Numbers{6, 6, 6, 6});
    CHECK(run(convolved({.stride = {2}, .padding = {1}}), {x, weight}) == Numbers{-1, -3, -7, -4});
    CHECK(run(convolved({.dilation = {2}}), {x, weight}) == Numbers{-8});
    CHECK(run(convolved({.padding = {1}}),
              {tensor({1, 1, 3}, {1, 2, 3}), tensor({1, 1, 3}, {1, 2, 3})}) == Numbers{8, 14, 8});
  }

  TEST_CASE("a transposed convolution computed by hand") {
    const Tensor x = tensor({1, 1, 2, 2}, {1, 2, 3, 4});
    const Tensor weight = tensor({1, 1, 2, 2}, {1, 10, 100, 1000});
    CHECK(run(transposed({.stride = {2}}), {x, weight}) ==
          Numbers{1, 10, 2, 20, 100, 1000, 200, 2000, 3, 30, 4, 40, 300, 3000, 400, 4000});
    CHECK(run(transposed({}), {x, weight, tensor({1}, {0.5f})}) ==
          Numbers{1.5, 12.5, 20.5, 103.5, 1234.5, 2040.5, 300.5, 3400.5, 4000.5});
    CHECK(run(transposed({.stride = {3}, .output_padding = {1}}),
              {tensor({1, 1, 2}, {1, 2}), tensor({1, 1, 2}, {1, 10})}) ==
          Numbers{1, 10, 0, 2, 20, 0});
  }

  TEST_CASE("channels around the size of a block") {
    for (const std::int64_t in : {1, 3, 16, 17, 40}) {
      for (const std::int64_t out : {1, 2, 16, 33}) {
        for (const std::int64_t stride : {1, 2}) {
          const std::string what = text(in, " to ", out, " stride ", stride);
          CAPTURE(what);
          const Tensor x = random_tensor({3, in, 7, 6}, 1), bias = random_tensor({out}, 3),
                       weight = random_tensor({out, in, 3, 3}, 2);
          const Options options{.stride = {stride}, .padding = {1}};
          const Shape shape{3, out, 6 / stride + 1, 5 / stride + 1};
          check_near(run(convolved(options), {x, weight, bias}),
                     convolution_by_hand(x, weight, bias, shape, stride, 1), 1e-4f);
          check_near(
              run([&](Values v) { return relu(convolution(v[0], v[1], v[2], options)) + v[3]; },
                  {x, weight, bias, Tensor(shape)}),
              [&] {
                Numbers y = convolution_by_hand(x, weight, bias, shape, stride, 1);
                for (float& each : y) each = std::max(each, 0.0f);
                return y;
              }(),
              1e-4f);
        }
      }
    }
  }

  TEST_CASE("a transposed convolution is the adjoint of the convolution") {
    // <conv(x), y> = <x, transposed(y)> for all x and y.
    for (const auto& [channels, outputs, groups] :
         {std::tuple{1, 1, 1}, {6, 4, 2}, {32, 16, 1}, {16, 16, 16}}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        const std::string what = text(channels, " to ", outputs, " stride ", stride);
        CAPTURE(what);
        const Options options{.stride = {stride}, .padding = {1}, .groups = groups};
        const Tensor x = random_tensor({2, channels, 8, 11}, 1),
                     weight = random_tensor({outputs, channels / groups, 3, 4}, 2);
        const Tensor y = evaluate(convolved(options), {x, weight});
        const Tensor z = random_tensor(y.shape(), 3);
        // Which of the sizes that the convolution maps to this one.
        const auto more = [&](std::int64_t size, std::int64_t kernel) {
          return (size + 2 - kernel) % stride;
        };
        Options back = options;
        back.output_padding = {more(8, 3), more(11, 4)};
        const Tensor t = evaluate(transposed(back), {z, weight});
        REQUIRE(t.shape() == x.shape());
        double left = 0, right = 0;
        for (std::int64_t i = 0; i < y.size(); ++i) left += double{y.floats()[i]} * z.floats()[i];
        for (std::int64_t i = 0; i < x.size(); ++i) right += double{x.floats()[i]} * t.floats()[i];
        CHECK(left == doctest::Approx(right).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("no size runs reference code, nor the code that writes behind its memory") {
    for (const std::int64_t in : {1, 3, 4, 7, 16, 20}) {
      for (const std::int64_t out : {1, 3, 4, 16, 33}) {
        for (const auto& [kernel, stride] : {std::pair{1, 1}, {1, 2}, {2, 2}, {3, 1}, {4, 2}}) {
          Graph graph;
          const Value x = graph.input("x", {2, in, 12, 12});
          const Value w = graph.input("w", {out, in, kernel, kernel});
          const Value y =
              convolution(x, w, {}, {.stride = {stride}, .padding = {(kernel - 1) / 2}});
          const Value dy = graph.input("dy", y.shape());
          const Value inputs[] = {x, w};
          auto fetches = gradients(sum(y * dy), inputs);
          fetches.push_back(y);
          Arena arena;
          const Program program(graph, fetches, {}, arena);
          const std::string what = text(in, " to ", out, " kernel ", kernel, " stride ", stride,
                                        "\n", program.to_text());
          CAPTURE(what);
          CHECK(program.warnings().empty());
          for (const StepReport& step : program.steps()) {
            if (kernel > 1 || stride == 1 || (in != 4 && in != 7)) continue;
            if (!step.operation.starts_with("convolution_backward_weights")) continue;
            CHECK(step.implementation.find("gemm") != std::string::npos);
          }
        }
      }
    }
  }

  TEST_CASE("few channels come out as among many, and as alone in the batch") {
    for (const std::int64_t channels : {1, 2, 3}) {
      for (const std::int64_t stride : {1, 2}) {
        const std::string what = text(channels, " channels, stride ", stride);
        CAPTURE(what);
        const Options options{.stride = {stride}, .padding = {1, 2}};
        // Four channels are oneDNN's.
        const Tensor x = random_tensor({3, 32, 19, 13}, 1);
        const Tensor weight = random_tensor({32, 4, 4, 5}, 2);
        const auto few = [&](Values v) {
          return transposed_convolution(v[0], slice(v[1], 1, 0, channels), {}, options);
        };
        const Tensor y = evaluate(few, {x, weight});
        check_near(numbers_of(y.floats()),
                   run([&](Values v) { return slice(transposed(options)(v), 1, 0, channels); },
                       {x, weight}),
                   1e-5f);
        const Tensor first = evaluate(
            [&](Values v) {
              const Value inputs[] = {slice(v[0], 0, 0, 1), v[1]};
              return few(inputs);
            },
            {x, weight});
        CHECK(numbers_of(first.floats()) == numbers_of(y.floats().first(first.size())));
      }
    }
  }

  TEST_CASE("gradients, first and second") {
    const Tensor bias = random_tensor({4}, 3);
    check_gradient(convolved({.stride = {2}, .padding = {1}}),
                   {random_tensor({2, 3, 5, 6}, 1), random_tensor({4, 3, 3, 2}, 2), bias});
    check_gradient(convolved({.padding = {2}, .dilation = {2}, .groups = 2}),
                   {random_tensor({2, 6, 7}, 1), random_tensor({4, 3, 3}, 2), bias});
    check_gradient(transposed({.stride = {2}, .padding = {1}, .output_padding = {1, 0}}),
                   {random_tensor({2, 3, 3, 4}, 1), random_tensor({3, 4, 3, 2}, 2), bias});
    check_gradient(transposed({.stride = {2}, .groups = 2}),
                   {random_tensor({2, 6, 4}, 1), random_tensor({6, 2, 3}, 2), bias});
    check_gradient(convolved({}),
                   {random_tensor({2, 17, 3, 3}, 1), random_tensor({2, 17, 2, 2}, 2)});
    check_twice(
        convolved({.padding = {1}}),
        {random_tensor({2, 2, 3, 4}, 1), random_tensor({3, 2, 2, 3}, 2), random_tensor({3}, 3)});
  }

  TEST_CASE("what does not fit is refused with shapes and rule") {
    const auto conv = [](const Shape& x, const Shape& weight, const Options& options) {
      return refusal([&](Graph& graph) {
        convolution(graph.input("x", x), graph.input("w", weight), {}, options);
      });
    };
    CHECK(conv({2, 3, 5, 5}, {4, 2, 3, 3}, {}) ==
          "[convolution] weight must be [out, in / groups, kernel...] for x of 3 channels: x is "
          "[2, 3, 5, 5], weight [4, 2, 3, 3], stride 1x1, padding 0x0");
    CHECK(conv({2, 3, 2, 5}, {4, 3, 3, 3}, {}).find("the kernel reaches beyond the padded input") !=
          std::string::npos);
    CHECK(conv({2, 3, 5}, {4, 3, 3, 3}, {}).find("weight must have as many axes as x") !=
          std::string::npos);
    CHECK(conv({2, 4, 5, 5}, {3, 2, 3, 3}, {.groups = 2}).find("groups must divide the outputs") !=
          std::string::npos);
    CHECK(conv({2, 3, 5, 5}, {4, 3, 0, 3}, {}).find("kernel must be at least 1") !=
          std::string::npos);
    CHECK(conv({2, 3, 5, 5}, {4, 3, 3, 3}, {.stride = {0}})
              .find("stride must be at least 1, got 0") != std::string::npos);
    CHECK(conv({2, 3, 5, 5}, {4, 3, 3, 3}, {.stride = {1, 2, 3}})
              .find("stride needs one number, or one for each of 2 axes") != std::string::npos);
    CHECK(refusal([](Graph& graph) {
            transposed_convolution(graph.input("x", {2, 3, 5, 5}), graph.input("w", {3, 4, 3, 3}),
                                   {}, {.stride = {2}, .output_padding = {2}});
          }).find("output_padding must be less than stride or dilation, got 2") !=
          std::string::npos);
  }
}

}  // namespace hourglass::test
