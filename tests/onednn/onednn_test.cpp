#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/onednn/convolution.hpp>
#include <hourglass/onednn/dense.hpp>
#include <hourglass/onednn/matmul.hpp>
#include <hourglass/onednn/reorder.hpp>
#include <hourglass/onednn/softmax.hpp>

#include <cmath>

namespace hourglass::test {

namespace {

using onednn::Argument;
using onednn::Layout;
using onednn::Primitive;

/// Memory in some layout, filled from a plain tensor.
std::shared_ptr<std::byte> placed(const Tensor& plain, const Layout& layout) {
  auto memory = allocate_aligned(layout.bytes());
  onednn::reorder_now(Layout::plain(plain.shape()), plain.raw(), layout, memory.get());
  return memory;
}

Tensor taken(const std::byte* memory, const Layout& layout) {
  Tensor plain(layout.shape());
  onednn::reorder_now(layout, memory, Layout::plain(layout.shape()), plain.raw());
  return plain;
}

/// Runs a primitive on plain tensors, whatever layouts it asks for.
Tensor execute(Primitive& primitive, const std::vector<std::pair<Argument, Tensor>>& inputs,
               Argument output) {
  std::vector<std::shared_ptr<std::byte>> memories;
  for (const auto& [argument, tensor] : inputs) {
    memories.push_back(placed(tensor, primitive.layout(argument)));
    primitive.bind(argument, memories.back().get());
  }
  const auto scratch = allocate_aligned(primitive.scratch_bytes());
  primitive.bind_scratch(scratch.get());
  const Layout& layout = primitive.layout(output);
  const auto result = allocate_aligned(layout.bytes());
  primitive.bind(output, result.get());
  primitive.execute();
  return taken(result.get(), layout);
}

/// sum_k a(i, k) b(k, j) with strides.
Numbers product(const Tensor& a, const Tensor& b, std::int64_t m, std::int64_t n, std::int64_t k,
                std::array<std::int64_t, 2> sa, std::array<std::int64_t, 2> sb) {
  Numbers c;
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double total = 0;
      for (std::int64_t l = 0; l < k; ++l) {
        total += double{a.floats()[i * sa[0] + l * sa[1]]} * b.floats()[l * sb[0] + j * sb[1]];
      }
      c.push_back(static_cast<float>(total));
    }
  }
  return c;
}

}  // namespace

TEST_SUITE("onednn/layout") {
  TEST_CASE("plain, transposed and free layouts") {
    const Layout plain = Layout::plain({3, 5}), turned = Layout::transposed({3, 5});
    CHECK(plain.is_plain());
    CHECK_FALSE(turned.is_plain());
    CHECK(plain.bytes() == 60);
    CHECK(turned.bytes() == 60);
    CHECK(plain.to_text() == "plain");
    CHECK(turned.to_text() == "permuted ba");
    CHECK(turned.shape() == Shape{3, 5});
    CHECK(Layout::any({3, 5}).is_any());
    CHECK(Layout::any({3, 5}).to_text() == "any");
    CHECK_FALSE(plain.is_padded());
    CHECK_FALSE(Layout());
  }

  TEST_CASE("scalars and empty tensors have layouts") {
    CHECK(Layout::plain({}).is_plain());
    CHECK(Layout::plain({}).shape() == Shape{});
    CHECK(Layout::plain({}).bytes() == 4);
    CHECK(Layout::plain({0, 3}).bytes() == 0);
    CHECK(Layout::plain({0, 3}).is_plain());
  }

  TEST_CASE("layouts are equal when elements stand in the same places") {
    CHECK(Layout::plain({3, 5}) == Layout::plain({3, 5}));
    CHECK_FALSE(Layout::plain({3, 5}) == Layout::plain({5, 3}));
    CHECK_FALSE(Layout::plain({3, 5}) == Layout::transposed({3, 5}));
    CHECK(Layout::transposed({1, 5}) == Layout::plain({1, 5}));
    CHECK(Layout() == Layout());
    CHECK_FALSE(Layout() == Layout::plain({1}));
    CHECK(Layout::plain({}) == Layout::plain({}));
  }
}

TEST_SUITE("onednn/reorder") {
  TEST_CASE("there and back, through a transpose and through blocks with padding") {
    const Tensor x = random_tensor({10, 33}, 1);
    const Primitive dense =
        onednn::dense_forward(Layout::plain({64, 33}), Layout::any({10, 33}), false, {});
    for (const Layout& layout :
         {Layout::plain({10, 33}), Layout::transposed({10, 33}), dense.layout(Argument::Weights)}) {
      const std::string name = layout.to_text();
      CAPTURE(name);
      const auto memory = placed(x, layout);
      const Tensor back = taken(memory.get(), layout);
      CHECK(numbers_of(back.floats()) == numbers_of(x.floats()));
      double all = 0, inside = 0;
      for (std::size_t i = 0; i < layout.bytes() / sizeof(float); ++i) {
        all += std::abs(double{reinterpret_cast<const float*>(memory.get())[i]});
      }
      for (float each : x.floats()) inside += std::abs(double{each});
      CHECK(all == doctest::Approx(inside).epsilon(1e-12));  // padding is zero
    }
  }

  TEST_CASE("weights of every width keep their values in the layout that a product wants") {
    for (const std::int64_t outputs : {1, 16, 20, 65, 100, 784}) {
      for (const std::int64_t inputs : {3, 17, 32, 33, 400}) {
        for (const std::int64_t batch : {1, 32, 540}) {
          const Primitive dense = onednn::dense_forward(Layout::plain({batch, inputs}),
                                                        Layout::any({outputs, inputs}), false, {});
          const Layout& layout = dense.layout(Argument::Weights);
          const std::string what = text(layout.shape().to_text(), ' ', layout.to_text());
          CAPTURE(what);
          const Tensor x = random_tensor({outputs, inputs}, 1);
          const auto memory = placed(x, layout);
          CHECK(numbers_of(taken(memory.get(), layout).floats()) == numbers_of(x.floats()));
        }
      }
    }
  }

  TEST_CASE("images and kernels keep theirs in the layouts that convolutions want") {
    const auto check = [](const Tensor& x, const Layout& layout) {
      const std::string what = text(x.shape().to_text(), ' ', layout.to_text());
      CAPTURE(what);
      const auto memory = placed(x, layout);
      CHECK(numbers_of(taken(memory.get(), layout).floats()) == numbers_of(x.floats()));
    };
    for (const std::int64_t channels : {1, 3, 17, 40}) {
      const Tensor images = random_tensor({2, channels, 5, 7}, 1);
      check(images, Layout::blocked(images.shape()));
      for (const std::int64_t kernel : {1, 3}) {
        for (const std::int64_t outputs : {1, 20, 33, 64}) {
          const Tensor weights = random_tensor({outputs, channels, kernel, kernel}, 1);
          const onednn::Walk walk{
              {1, 1}, {1, 1}, {kernel / 2, kernel / 2}, {kernel / 2, kernel / 2}};
          const Primitive convolution = onednn::convolution_forward(
              Layout::image(images.shape()), Layout::any(weights.shape()),
              Layout::image({2, outputs, 5, 7}), walk, false, {});
          check(weights, convolution.layout(Argument::Weights));
        }
      }
    }
  }

  TEST_CASE("shapes that differ are refused, with version and layouts") {
    CHECK_THROWS_WITH_AS(
        onednn::reorder(Layout::plain({3, 5}), Layout::transposed({5, 3})),
        doctest::Contains(text("[reorder] oneDNN ", onednn::version(),
                               " has no primitive for [3, 5] plain, [5, 3] permuted ba: ")
                              .c_str()),
        Error);
  }
}

TEST_SUITE("onednn/dense") {
  TEST_CASE("forward and both backward products equal plain loops") {
    for (const auto& [batch, in, out] :
         {std::array<std::int64_t, 3>{1, 1, 1}, {2, 3, 5}, {33, 65, 17}, {64, 96, 70}}) {
      const std::string size = text(batch, " ", in, " ", out);
      CAPTURE(size);
      const Tensor x = random_tensor({batch, in}, 1), w = random_tensor({out, in}, 2),
                   dy = random_tensor({batch, out}, 3);
      const Layout any = Layout::any({out, in});
      Primitive forward =
          onednn::dense_forward(Layout::plain({batch, in}), any, false, std::nullopt);
      check_near(
          execute(forward, {{Argument::Source, x}, {Argument::Weights, w}}, Argument::Destination)
              .floats(),
          product(x, w, batch, out, in, {in, 1}, {1, in}), 1e-5f);
      Primitive data = onednn::dense_backward_data(Layout::plain({batch, out}), any);
      check_near(execute(data, {{Argument::DestinationGradient, dy}, {Argument::Weights, w}},
                         Argument::SourceGradient)
                     .floats(),
                 product(dy, w, batch, in, out, {out, 1}, {in, 1}), 1e-5f);
      Primitive weights = onednn::dense_backward_weights(Layout::plain({batch, in}), any, false,
                                                         Layout::plain({batch, out}));
      check_near(execute(weights, {{Argument::Source, x}, {Argument::DestinationGradient, dy}},
                         Argument::WeightsGradient)
                     .floats(),
                 product(dy, x, out, in, batch, {1, out}, {in, 1}), 1e-5f);
    }
  }

  TEST_CASE("few inputs and many outputs: the backward pass stays within its memory") {
    constexpr std::int64_t kBatch = 5;
    for (const auto& [in, out] :
         {std::array<std::int64_t, 2>{3, 1088}, {16, 272}, {16, 1088}, {17, 1088}}) {
      const std::string size = text(in, " ", out);
      CAPTURE(size);
      const Tensor w = random_tensor({out, in}, 2), dy = random_tensor({kBatch, out}, 3);
      const Layout any = Layout::any({out, in});
      const Layout home = onednn::dense_forward(Layout::plain({kBatch, in}), any, false, {})
                              .layout(Argument::Weights);
      for (const Layout& layout : {any, home, Layout::plain({out, in})}) {
        Primitive data = onednn::dense_backward_data(Layout::plain({kBatch, out}), layout);
        check_near(execute(data, {{Argument::DestinationGradient, dy}, {Argument::Weights, w}},
                           Argument::SourceGradient)
                       .floats(),
                   product(dy, w, kBatch, in, out, {out, 1}, {in, 1}), 1e-3f);
      }
    }
  }

  TEST_CASE("activations ride on it, and NaN gets through all but ReLU") {
    using Kind = onednn::PostOp::Kind;
    const std::pair<onednn::PostOp, double (*)(double)> activations[] = {
        {{Kind::Relu}, [](double x) { return std::max(x, 0.0); }},
        {{Kind::Relu, 0.25f}, [](double x) { return x > 0 ? x : x / 4; }},
        {{Kind::Elu, 2}, [](double x) { return x > 0 ? x : 2 * std::expm1(x); }},
        {{Kind::Sigmoid}, [](double x) { return 1 / (1 + std::exp(-x)); }},
        {{Kind::Tanh}, [](double x) { return std::tanh(x); }},
    };
    const Tensor x = random_tensor({33, 17}, 1), w = random_tensor({20, 17}, 2);
    const Numbers before = product(x, w, 33, 20, 17, {17, 1}, {1, 17});
    Tensor bad = x.clone();
    bad.floats()[0] = std::nanf("");
    for (const auto& [activation, exact] : activations) {
      const int kind = static_cast<int>(activation.kind);
      CAPTURE(kind);
      Primitive dense =
          onednn::dense_forward(Layout::plain({33, 17}), Layout::any({20, 17}), false, activation);
      const Tensor y =
          execute(dense, {{Argument::Source, x}, {Argument::Weights, w}}, Argument::Destination);
      Numbers expected;
      for (float each : before) expected.push_back(static_cast<float>(exact(each)));
      check_near(y.floats(), expected, 1e-5f);
      const Tensor z =
          execute(dense, {{Argument::Source, bad}, {Argument::Weights, w}}, Argument::Destination);
      const bool relu = activation.kind == Kind::Relu && activation.alpha == 0;
      if (!relu) CHECK(std::isnan(z.floats()[0]));
      CHECK_FALSE(std::isnan(z.floats()[20]));
    }
  }
}

TEST_SUITE("onednn/matmul") {
  TEST_CASE("plain and transposed operands equal plain loops") {
    const Tensor a = random_tensor({33, 20}, 1), b = random_tensor({20, 17}, 2);
    Primitive plain = onednn::matmul(Layout::plain({33, 20}), Layout::plain({20, 17}));
    const Numbers expected = product(a, b, 33, 17, 20, {20, 1}, {17, 1});
    check_near(
        execute(plain, {{Argument::Source, a}, {Argument::Weights, b}}, Argument::Destination)
            .floats(),
        expected, 1e-5f);
    Primitive turned = onednn::matmul(Layout::transposed({33, 20}), Layout::transposed({20, 17}));
    check_near(
        execute(turned, {{Argument::Source, a}, {Argument::Weights, b}}, Argument::Destination)
            .floats(),
        expected, 1e-5f);
  }

  TEST_CASE("sizes that do not fit are refused by name") {
    CHECK_THROWS_WITH_AS(onednn::matmul(Layout::plain({2, 3}), Layout::plain({4, 5})),
                         doctest::Contains("[matmul] oneDNN"), Error);
  }
}

TEST_SUITE("onednn/softmax") {
  TEST_CASE("equals plain loops along either axis, and its logarithm too") {
    const Tensor x = random_tensor({5, 7}, 1, -3, 3);
    for (const bool logarithm : {false, true}) {
      Primitive rows = onednn::softmax(Layout::plain({5, 7}), 1, logarithm);
      Primitive columns = onednn::softmax(Layout::plain({5, 7}), 0, logarithm);
      Numbers by_row(35), by_column(35);
      const auto fill = [&](Numbers& y, int runs, int length, int run_stride, int stride) {
        for (int run = 0; run < runs; ++run) {
          double total = 0;
          for (int i = 0; i < length; ++i) {
            total += std::exp(double{x.floats()[run * run_stride + i * stride]});
          }
          for (int i = 0; i < length; ++i) {
            const int at = run * run_stride + i * stride;
            const double log_y = x.floats()[at] - std::log(total);
            y[at] = static_cast<float>(logarithm ? log_y : std::exp(log_y));
          }
        }
      };
      fill(by_row, 5, 7, 7, 1);
      fill(by_column, 7, 5, 1, 7);
      check_near(execute(rows, {{Argument::Source, x}}, Argument::Destination).floats(), by_row,
                 1e-5f);
      check_near(execute(columns, {{Argument::Source, x}}, Argument::Destination).floats(),
                 by_column, 1e-5f);
    }
  }
}

TEST_SUITE("onednn/primitive") {
  TEST_CASE("names of implementations, version and instruction set") {
    const Primitive dense =
        onednn::dense_forward(Layout::plain({2, 3}), Layout::any({4, 3}), true, std::nullopt);
    CHECK_FALSE(dense.implementation().empty());
    CHECK(onednn::is_reference("ref:any"));
    CHECK_FALSE(onednn::is_reference("brgemm:avx512_core"));
    CHECK(std::ranges::count(onednn::version(), '.') == 2);
    CHECK_FALSE(onednn::instruction_set().empty());
  }
}

}  // namespace hourglass::test
