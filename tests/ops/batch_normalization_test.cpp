#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/onednn/batch_normalization.hpp>
#include <hourglass/ops/batch_normalization.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/relu.hpp>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace hourglass::test {

namespace {

using onednn::Argument;
using onednn::Layout;

/// v: x, and scale and shift if there are more.
GradientFunction normalised(const BatchNormalizationOptions& options = {}) {
  return [=](Values v) {
    return v.size() == 1 ? batch_normalization(v[0], Value(), Value(), options).y
                         : batch_normalization(v[0], v[1], v[2], options).y;
  };
}

/// v: x, mean, variance, scale, shift.
GradientFunction by_given(const BatchNormalizationOptions& options = {}) {
  return [=](Values v) {
    const BatchStatistics statistics{v[1], v[2]};
    return v.size() == 3 ? batch_normalization(v[0], statistics, {}, {}, options)
                         : batch_normalization(v[0], statistics, v[3], v[4], options);
  };
}

/// The definition, in double precision.
struct ByHand {
  Numbers y, mean, variance;
};
ByHand batch_norm_by_hand(const Tensor& x, const Tensor& scale, const Tensor& shift) {
  const std::int64_t batch = x.shape()[0], channels = x.shape()[1];
  const std::int64_t places = x.size() / (batch * channels);
  const auto at = [&](std::int64_t n, std::int64_t c, std::int64_t p) {
    return (n * channels + c) * places + p;
  };
  ByHand result{Numbers(x.size()), {}, {}};
  for (std::int64_t c = 0; c < channels; ++c) {
    double mean = 0, variance = 0;
    const double count = static_cast<double>(batch * places);
    const auto each = [&](auto&& visit) {
      for (std::int64_t n = 0; n < batch; ++n) {
        for (std::int64_t p = 0; p < places; ++p) visit(at(n, c, p));
      }
    };
    each([&](std::int64_t i) { mean += x.floats()[i] / count; });
    each([&](std::int64_t i) { variance += std::pow(x.floats()[i] - mean, 2) / count; });
    each([&](std::int64_t i) {
      const double z = (x.floats()[i] - mean) / std::sqrt(variance + 1e-5);
      result.y[i] = static_cast<float>(scale.floats()[c] * z + shift.floats()[c]);
    });
    result.mean.push_back(static_cast<float>(mean));
    result.variance.push_back(static_cast<float>(variance));
  }
  return result;
}

/// Without AVX, oneDNN has fast code for few images in blocks.
const bool kSmallVectors = onednn::instruction_set() == "sse41";

std::vector<Shape> shapes_of(std::int64_t channels) {
  return {{5, channels}, {3, channels, 7}, {2, channels, 5, 3}};
}

}  // namespace

TEST_SUITE("ops/batch_normalization") {
  TEST_CASE("batch statistics computed by hand") {
    // Channel 0 holds 1, 3, 5, 7: mean 4, variance 5; channel 1 is constant.
    const Tensor x = tensor({2, 2, 2}, {1, 3, 2, 2, 5, 7, 2, 2});
    const auto part = [&](int which) {
      return run(
          [=](Values v) {
            const auto [y, statistics] = batch_normalization(v[0], v[1], v[2], {.epsilon = 4.0f});
            return which == 0 ? y : which == 1 ? statistics.mean : statistics.variance;
          },
          {x, tensor({2}, {3, 1}), tensor({2}, {0.5f, 0.25f})});
    };
    check_near(part(0), {-2.5f, -0.5f, 0.25f, 0.25f, 1.5f, 3.5f, 0.25f, 0.25f});
    check_near(part(1), {4, 2});
    check_near(part(2), {5, 0});
    check_near(run(normalised({.epsilon = 4.0f, .relu = true}), {x}),
               {0, 0, 0, 0, 1 / 3.0f, 1, 0, 0});
  }

  TEST_CASE("given statistics take the place of the batch's, for one sample too") {
    const Tensor x = tensor({1, 2, 2}, {1, 3, 2, 6});
    const Tensor mean = tensor({2}, {2, 4}), variance = tensor({2}, {0, 12});
    check_near(run(by_given({.epsilon = 4.0f}), {x, mean, variance}), {-0.5f, 0.5f, -0.5f, 0.5f});
    check_near(run(by_given({.epsilon = 4.0f, .relu = true}),
                   {x, mean, variance, tensor({2}, {2, 4}), tensor({2}, {1, -1})}),
               {0, 2, 0, 1});
    CHECK(run(by_given(), {Tensor({0, 2, 3}), mean, variance}).empty());
  }

  TEST_CASE("a batch is normalised with channels around the size of a block") {
    for (const std::int64_t channels : {1, 3, 16, 17, 33}) {
      for (const Shape& shape : shapes_of(channels)) {
        CAPTURE(shape.to_text());
        const Tensor x = random_tensor(shape, 1, -1, 3),
                     scale = random_tensor({channels}, 2, 0.5, 2),
                     shift = random_tensor({channels}, 3);
        const ByHand expected = batch_norm_by_hand(x, scale, shift);
        check_near(run(normalised(), {x, scale, shift}), expected.y, 1e-5f);
        check_near(run([](Values v) { return batch_normalization(v[0]).statistics.mean; }, {x}),
                   expected.mean, 1e-5f);
        check_near(run([](Values v) { return batch_normalization(v[0]).statistics.variance; }, {x}),
                   expected.variance, 1e-5f);
        check_near(run(by_given(), {x, tensor({channels}, expected.mean),
                                    tensor({channels}, expected.variance), scale, shift}),
                   expected.y, 1e-5f);
        const Tensor one = random_tensor({channels}, 2, 1, 1), none({channels});
        check_near(run(normalised(), {x}), batch_norm_by_hand(x, one, none).y, 1e-5f);
      }
    }
  }

  TEST_CASE("relu in the same kernel is relu behind it, forward and backward") {
    for (const std::int64_t channels : {3, 16, 17}) {
      for (const Shape& shape : shapes_of(channels)) {
        CAPTURE(shape.to_text());
        const std::vector<Tensor> inputs{random_tensor(shape, 1),
                                         random_tensor({channels}, 2, 0.5, 2),
                                         random_tensor({channels}, 3)};
        const auto behind = [](Values v) { return relu(normalised()(v)); };
        check_near(run(normalised({.relu = true}), inputs), run(behind, inputs), 1e-6f);
        for (int i = 0; i < 3; ++i) {
          check_near(run(gradient_of(normalised({.relu = true}), i), inputs),
                     run(gradient_of(behind, i), inputs), 1e-4f);
        }
        std::vector<Tensor> given{inputs[0], random_tensor({channels}, 4),
                                  random_tensor({channels}, 5, 0.5, 2), inputs[1], inputs[2]};
        const auto behind_given = [](Values v) { return relu(by_given()(v)); };
        check_near(run(by_given({.relu = true}), given), run(behind_given, given), 1e-6f);
        for (int i = 0; i < 5; ++i) {
          check_near(run(gradient_of(by_given({.relu = true}), i), given),
                     run(gradient_of(behind_given, i), given), 1e-4f);
        }
      }
    }
  }

  TEST_CASE("gradients of batch statistics and of given ones") {
    for (const std::int64_t channels : {1, 3, 17}) {
      for (const Shape& shape : shapes_of(channels)) {
        CAPTURE(shape.to_text());
        const Tensor x = random_tensor(shape, 1, -2, 2),
                     scale = random_tensor({channels}, 2, 0.5, 2),
                     shift = random_tensor({channels}, 3), mean = random_tensor({channels}, 4),
                     variance = random_tensor({channels}, 5, 0.5, 2);
        check_gradient(normalised(), {x, scale, shift});
        check_gradient(normalised(), {x});
        check_gradient(by_given(), {x, mean, variance, scale, shift});
        check_gradient(by_given(), {x, mean, variance});
      }
    }
    // Through the statistics themselves, alone and with y.
    const auto both = [](Values v) {
      const auto [y, statistics] = batch_normalization(v[0]);
      return sum(y * y * y) + sum(statistics.mean * statistics.mean) +
             sum(statistics.variance * statistics.variance);
    };
    const auto statistics_alone = [](Values v) {
      const auto [y, statistics] = batch_normalization(v[0]);
      return statistics.mean * statistics.variance;
    };
    check_gradient(both, {random_tensor({4, 3, 2}, 1)});
    check_gradient(statistics_alone, {random_tensor({4, 3, 2}, 1)});
  }

  TEST_CASE("second gradients of a batch normalisation") {
    // A variance far from zero keeps curvature small.
    const Tensor x = tensor({4, 2}, {-2, 1, 0.5f, -1, 2, 3, -1, 0}), scale = tensor({2}, {1, 2}),
                 shift = tensor({2}, {0.5f, -1});
    check_twice(normalised(), {x, scale, shift});
    check_twice(normalised(), {x});
    check_twice(by_given(), {x, shift, scale, scale, shift});
  }

  TEST_CASE("images stay in the blocks that a convolution gives, without a reorder between") {
    for (const std::int64_t channels : {3, 16, 17, 32}) {
      CAPTURE(channels);
      const Tensor x = random_tensor({2, channels, 6, 5}, 1),
                   weight = random_tensor({channels, channels, 3, 3}, 2),
                   scale = random_tensor({channels}, 3, 0.5, 2),
                   shift = random_tensor({channels}, 4);
      const auto convolved = [](Values v) { return convolution(v[0], v[1], {}, {.padding = {1}}); };
      const auto both = [&](Values v) { return batch_normalization(convolved(v), v[2], v[3]).y; };
      const Tensor hidden = evaluate(convolved, {x, weight});
      check_near(run(both, {x, weight, scale, shift}), run(normalised(), {hidden, scale, shift}),
                 1e-4f);
      check_gradient(
          [](Values v) {
            const Value hidden = convolution(v[0], v[1], {}, {.padding = {1}});
            return convolution(batch_normalization(hidden, v[2], v[3]).y, v[4]);
          },
          {random_tensor({2, 2, 4, 3}, 1), random_tensor({channels, 2, 3, 3}, 2), scale, shift,
           random_tensor({2, channels, 2, 2}, 5)},
          {.relative = 1e-2f, .absolute = 3e-3f});
    }

    Graph graph;
    VariableStore store;
    const auto parameter = [&](const std::string& path, const Tensor& value) {
      return graph.variable(store.create(path, Variable::Kind::Parameter, value.clone()));
    };
    const Tensor square_weight = random_tensor({32, 32, 3, 3}, 1);
    const Value first = parameter("first", square_weight), last = parameter("last", square_weight),
                scale = parameter("scale", random_tensor({32}, 2)),
                shift = parameter("shift", random_tensor({32}, 3));
    const Value x = graph.input("x", {4, 32, 8, 8});
    if (kSmallVectors) return;
    const BatchNormalizationOptions options{.relu = true};
    const Value hidden =
        batch_normalization(convolution(x, first, {}, {.padding = {1}}), scale, shift, options).y;
    const Value loss = sum(convolution(hidden, last, {}, {.padding = {1}}));
    const std::vector<Value> targets{first, scale, shift, last};
    const std::vector<Value> wanted = gradients(loss, targets);
    Arena arena;
    const Program program(graph, wanted, {}, arena);
    int norms = 0;
    for (const StepReport& step : program.steps()) {
      CAPTURE(program.to_text());
      if (step.operation.starts_with("batch_normalization")) {
        ++norms;
        CHECK(step.detail.find("blocked abcd") != std::string::npos);
      }
      // Only results and what is fed lie plain; nothing in between is moved.
      if (step.operation == "reorder") {
        const bool of_weight = step.detail.find("convolution_backward_data") != std::string::npos;
        const bool of_result = step.detail.find("a result is plain") != std::string::npos;
        const bool of_input = step.detail.find("plain -> ") != std::string::npos;
        CHECK((of_weight || of_result || of_input));
      }
    }
    CHECK(norms == 2);
    CHECK(program.warnings().empty());
  }

  TEST_CASE("no usual shape runs reference code, and padding stays zero") {
    for (const Shape& shape : {Shape{8, 1},
                               {8, 33},
                               {8, 32},
                               {8, 400},
                               {4, 3, 9},
                               {4, 16, 9},
                               {4, 33, 9},
                               {2, 1, 5, 5},
                               {2, 3, 5, 5},
                               {2, 12, 5, 5},
                               {2, 16, 5, 5},
                               {2, 17, 5, 5},
                               {2, 33, 5, 5}}) {
      for (const bool relu : {false, true}) {
        CAPTURE(shape.to_text());
        const onednn::BatchNormalization options{.relu = relu};
        const Layout layout = onednn::batch_normalization_layout(Layout::plain(shape), options);
        // Plain images of a block's channels would be ten times slower.
        const bool many =
            shape.rank() > 2 && shape[1] >= Layout::blocked(shape).memory_axes().back().extent;
        CHECK((kSmallVectors || layout.is_plain() == !many));
        onednn::Primitive primitives[] = {onednn::batch_normalization_training(layout, options),
                                          onednn::batch_normalization_inference(layout, options),
                                          onednn::batch_normalization_backward(layout, options)};
        for (const auto& each : primitives) {
          CHECK_FALSE(onednn::is_reference(each.implementation()));
        }
        if (!layout.is_padded()) continue;
        std::vector<float> x(layout.bytes() / sizeof(float)), y(x.size(), NAN), channels(64, 1.0f),
            means(64, NAN), variances(64, NAN), gradient(64, NAN);
        std::vector<std::byte> workspace(x.size()), scratch(1 << 20);
        // Ones at the channels, zeros beyond: the padding of dx is what a sum over all would spoil.
        const std::int64_t block = layout.memory_axes().back().extent;
        const std::int64_t places = shape.size() / (shape[0] * shape[1]);
        const std::int64_t blocks = (shape[1] + block - 1) / block;
        const auto is_padding = [&](std::size_t i) {
          const auto at = static_cast<std::int64_t>(i);
          return at / (block * places) % blocks * block + at % block >= shape[1];
        };
        for (std::size_t i = 0; i < x.size(); ++i) {
          x[i] = is_padding(i) ? 0.0f : static_cast<float>(i * 37 % 11);
        }
        const auto raw = [](auto& values) { return reinterpret_cast<std::byte*>(values.data()); };
        for (auto& each : primitives) {
          REQUIRE(each.scratch_bytes() <= scratch.size());
          std::ranges::fill(y, NAN);
          each.bind(Argument::Source, raw(x));
          each.bind(Argument::Destination, raw(y));
          each.bind(Argument::DestinationGradient, raw(x));
          each.bind(Argument::SourceGradient, raw(y));
          each.bind(Argument::Mean, raw(means));
          each.bind(Argument::Variance, raw(variances));
          each.bind(Argument::Scale, raw(channels));
          each.bind(Argument::Shift, raw(channels));
          each.bind(Argument::ScaleGradient, raw(gradient));
          each.bind(Argument::ShiftGradient, raw(gradient));
          each.bind(Argument::Workspace, workspace.data());
          each.bind_scratch(scratch.data());
          each.execute();
          bool all_zero = true;
          for (std::size_t i = 0; i < y.size(); ++i) {
            if (is_padding(i)) all_zero = all_zero && y[i] == 0.0f;
            CHECK(std::isfinite(y[i]));
          }
          CHECK(all_zero);
        }
      }
    }
  }

  TEST_CASE("what cannot be normalised by its batch is refused with shapes and rule") {
    const auto training = [](const Shape& x, const Shape& scale = {},
                             BatchNormalizationOptions options = {}) {
      return refusal([&](Graph& graph) {
        const Value s = scale.rank() == 0 ? Value() : graph.input("s", scale);
        batch_normalization(graph.input("x", x), s, s, options);
      });
    };
    CHECK(training({2, 3, 4, 5, 6}) ==
          "[batch_normalization] x must be [batch, channels], [batch, channels, size] or [batch, "
          "channels, height, width]: x is [2, 3, 4, 5, 6]");
    CHECK(training({1, 8}) ==
          "[batch_normalization] a channel needs more than one value to be normalised by its own "
          "statistics: x is [1, 8]");
    CHECK(training({1, 8, 1, 1}).find("needs more than one value") != std::string::npos);
    CHECK(training({0, 8, 4}).find("needs more than one value") != std::string::npos);
    CHECK(training({2, 8}, {7}) == "[batch_normalization] scale must be [8], got [7]: x is [2, 8]");
    CHECK(training({2, 8}, {}, {.epsilon = 0}).find("epsilon must be above 0, got 0") !=
          std::string::npos);
    CHECK(refusal([](Graph& graph) {
            batch_normalization(graph.input("x", {2, 8}), graph.input("s", {8}));
          }).find("scale and shift must both be given, or neither") != std::string::npos);
    CHECK(refusal([](Graph& graph) {
            const BatchStatistics statistics{graph.input("m", {8}), graph.input("v", {2, 8})};
            batch_normalization(graph.input("x", {2, 8}), statistics);
          }).find("variance must be [8], got [2, 8]") != std::string::npos);
  }
}

}  // namespace hourglass::test
