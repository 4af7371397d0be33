#include "ops/evaluate.hpp"

#include <hourglass/core/cpu.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/ops/packed_product.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace hourglass::test {

namespace {

constexpr float kGap = 77;  // what lies between rows of c

Numbers drawn(std::int64_t n, int stream) {
  RandomStream random(3, "product", stream);
  Numbers x(n);
  for (float& each : x) each = random.uniform(-1, 1);
  return x;
}

double activated(const onednn::PostOp& activation, double x) {
  switch (activation.kind) {
    case onednn::PostOp::Kind::Relu: return x > 0 ? x : activation.alpha * x;
    case onednn::PostOp::Kind::Elu: return x > 0 ? x : activation.alpha * std::expm1(x);
    case onednn::PostOp::Kind::Sigmoid: return 1 / (1 + std::exp(-x));
    case onednn::PostOp::Kind::Tanh: break;
  }
  return std::tanh(x);
}

/// A product with memory of its own. Factors are drawn in a matrix that is larger than they are.
struct ProductCase {
  std::int64_t rows, inner, columns;
  bool turned_a = false, turned_b = false, bias = false;
  onednn::OptionalPostOp activation = std::nullopt;
  static constexpr std::int64_t kMargin = 3;

  std::int64_t a_step = (turned_a ? rows : inner) + kMargin;
  std::int64_t b_step = (turned_b ? inner : columns) + kMargin;
  std::int64_t c_step = columns + kMargin;
  Numbers a = drawn((turned_a ? inner : rows) * a_step, 1);
  Numbers b = drawn((turned_b ? columns : inner) * b_step, 2);
  Numbers biases = drawn(columns, 3);
  Numbers row_sums = {};  // of the last run, if a is turned

  float& a_at(std::int64_t i, std::int64_t k) {
    return turned_a ? a[k * a_step + i] : a[i * a_step + k];
  }
  float& b_at(std::int64_t k, std::int64_t j) {
    return turned_b ? b[j * b_step + k] : b[k * b_step + j];
  }

  Numbers run() {
    const auto factor = [](bool turned, std::int64_t step) {
      return turned ? PackedProduct::Factor{nullptr, 1, step}
                    : PackedProduct::Factor{nullptr, step, 1};
    };
    const auto kernel = packed_product({.rows = rows,
                                        .inner = inner,
                                        .columns = columns,
                                        .a = factor(turned_a, a_step),
                                        .b = factor(turned_b, b_step),
                                        .c_step = c_step},
                                       activation);
    Numbers c(rows * c_step, kGap);
    const auto scratch = allocate_aligned(kernel->scratch_bytes());
    std::fill_n(reinterpret_cast<float*>(scratch.get()), kernel->scratch_bytes() / sizeof(float),
                std::numeric_limits<float>::quiet_NaN());
    std::vector<std::byte*> inputs{reinterpret_cast<std::byte*>(a.data()),
                                   reinterpret_cast<std::byte*>(b.data())};
    if (bias) inputs.push_back(reinterpret_cast<std::byte*>(biases.data()));
    std::vector<std::byte*> outputs{reinterpret_cast<std::byte*>(c.data())};
    row_sums.assign(turned_a ? rows : 0, kGap);
    if (turned_a) outputs.push_back(reinterpret_cast<std::byte*>(row_sums.data()));
    kernel->bind({.inputs = inputs, .outputs = outputs, .scratch = scratch.get()});
    kernel->run();
    return c;
  }

  void check() {
    const std::string what =
        text(rows, " x ", inner, " x ", columns, turned_a ? " a^T" : "", turned_b ? " b^T" : "",
             bias ? " bias " : " ", activation ? onednn::name(activation->kind) : "");
    CAPTURE(what);
    const Numbers c = run();
    bool close = true, gaps_are_kept = true;
    const auto compare = [&](double wanted, float got) {
      close &= std::abs(wanted - got) < 1e-4;  // false for NaN
    };
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) {
        double sum = bias ? biases[j] : 0;
        for (std::int64_t k = 0; k < inner; ++k) sum += double{a_at(i, k)} * b_at(k, j);
        if (activation) sum = activated(*activation, sum);
        compare(sum, c[i * c_step + j]);
      }
      for (std::int64_t j = columns; j < c_step; ++j) gaps_are_kept &= c[i * c_step + j] == kGap;
    }
    for (std::size_t i = 0; i < row_sums.size(); ++i) {
      double sum = 0;
      for (std::int64_t k = 0; k < inner; ++k) sum += a_at(i, k);
      compare(sum, row_sums[i]);
    }
    CHECK(close);
    CHECK(gaps_are_kept);
  }
};

/// Whether this processor has the instructions.
bool can_run() {
  if (isa() < Isa::V3) MESSAGE("skipped: this processor has no AVX2");
  return isa() >= Isa::V3;
}

}  // namespace

TEST_SUITE("ops/packed_product") {
  TEST_CASE("sizes around those of tiles, slices and blocks, each factor as it is or transposed") {
    if (!can_run()) return;
    constexpr std::int64_t kRows = PackedProduct::kTileRows, kColumns = PackedProduct::kTileColumns,
                           kSlice = PackedProduct::kSlice, kBlock = PackedProduct::kBlockRows;
    for (const bool turned_a : {false, true}) {
      for (const bool turned_b : {false, true}) {
        for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 13}) {
          for (const std::int64_t columns : {1, 15, 16, 17, 33}) {
            for (const std::int64_t inner : {1, 7, 8, 9, 40}) {
              ProductCase{rows, inner, columns, turned_a, turned_b}.check();
            }
          }
        }
        for (const std::int64_t inner : {kSlice - 1, kSlice, kSlice + 1, 2 * kSlice + 5}) {
          ProductCase{kRows + 1, inner, kColumns + 1, turned_a, turned_b}.check();
        }
        for (const std::int64_t rows : {kBlock - 1, kBlock, kBlock + 1, 2 * kBlock + 7}) {
          ProductCase{rows, kSlice + 3, kColumns + 5, turned_a, turned_b}.check();
        }
      }
    }
  }

  TEST_CASE("a bias and an activation come once, after the last slice") {
    if (!can_run()) return;
    using Kind = onednn::PostOp::Kind;
    const onednn::OptionalPostOp activations[] = {
        std::nullopt,
        onednn::PostOp{Kind::Relu},
        onednn::PostOp{Kind::Relu, 0.25f},
        onednn::PostOp{Kind::Elu, 1.5f},
        onednn::PostOp{Kind::Sigmoid},
        onednn::PostOp{Kind::Tanh},
    };
    for (const std::int64_t inner : {std::int64_t{20}, 2 * PackedProduct::kSlice + 5}) {
      for (const auto& activation : activations) {
        for (const bool bias : {false, true}) {
          ProductCase{
              .rows = 14, .inner = inner, .columns = 37, .bias = bias, .activation = activation}
              .check();
        }
      }
    }
    // Of every block of rows too, where a and b are packed.
    ProductCase{.rows = PackedProduct::kBlockRows + 7,
                .inner = PackedProduct::kSlice + 3,
                .columns = 21,
                .turned_a = true,
                .turned_b = true,
                .bias = true,
                .activation = onednn::PostOp{Kind::Relu}}
        .check();
  }

  TEST_CASE("ReLU keeps NaN, and makes zero of what is infinitely small") {
    if (!can_run()) return;
    ProductCase product{.rows = 2,
                        .inner = 1,
                        .columns = 20,
                        .activation = onednn::PostOp{onednn::PostOp::Kind::Relu}};
    for (int j = 0; j < 20; ++j) product.b_at(0, j) = 1;
    product.a_at(0, 0) = -std::numeric_limits<float>::infinity();
    product.a_at(1, 0) = std::numeric_limits<float>::quiet_NaN();
    const Numbers c = product.run();
    for (const int column : {0, 15, 16, 19}) {
      CHECK(c[column] == 0);
      CHECK(std::isnan(c[product.c_step + column]));
    }
  }

  TEST_CASE(
      "places where a tile of a, or a panel of b beside a packed a, is zero are passed over") {
    if (!can_run()) return;
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const auto is_zero = [](std::int64_t k, std::int64_t number) {
      return (k + number) % 5 != 1 && k % 7 != 0;
    };
    constexpr std::int64_t kRows = PackedProduct::kTileRows, kColumns = PackedProduct::kTileColumns;
    for (const std::int64_t rows : {1, 6, 20}) {
      for (const std::int64_t columns : {16, 32, 37}) {
        for (const std::int64_t inner : {1, 9, 40, 403}) {
          ProductCase sparse_a{rows, inner, columns};
          ProductCase sparse_b{.rows = rows, .inner = inner, .columns = columns, .turned_a = true};
          // Each tile and each panel has zeros of its own, of either sign; the second tile none.
          for (std::int64_t k = 0; k < inner; ++k) {
            const float zero = k % 2 == 0 ? 0.0f : -0.0f;
            for (std::int64_t i = 0; i < rows; ++i) {
              if (is_zero(k, i / kRows) && i / kRows != 1) sparse_a.a_at(i, k) = zero;
            }
            for (std::int64_t j = 0; j < columns; ++j) {
              if (is_zero(k, j / kColumns)) sparse_b.b_at(k, j) = zero;
            }
          }
          sparse_a.check();
          sparse_b.check();

          const Numbers c_a = sparse_a.run(), c_b = sparse_b.run();
          for (std::int64_t k = 0; k < inner; ++k) {
            for (std::int64_t j = 0; is_zero(k, 0) && j < columns; ++j) sparse_a.b_at(k, j) = kNan;
            for (std::int64_t i = 0; is_zero(k, 0) && i < rows; ++i) sparse_b.a_at(i, k) = kNan;
          }
          const Numbers with_nan_a = sparse_a.run(), with_nan_b = sparse_b.run();
          bool same = true;
          for (std::int64_t i = 0; i < rows; ++i) {
            const auto row = i * sparse_a.c_step;
            for (std::int64_t j = 0; i < kRows && j < columns; ++j) {
              same &= with_nan_a[row + j] == c_a[row + j];
            }
            for (std::int64_t j = 0; j < kColumns; ++j) {
              same &= with_nan_b[row + j] == c_b[row + j];
            }
          }
          CAPTURE(rows);
          CAPTURE(columns);
          CAPTURE(inner);
          CHECK(same);
        }
      }
    }
  }

  TEST_CASE("a whole block and the one behind it may be sparse") {
    if (!can_run()) return;
    ProductCase product{PackedProduct::kBlockRows + 7, PackedProduct::kSlice, 16};
    for (std::int64_t i = 0; i < product.rows; ++i) {
      for (std::int64_t k = 0; k < product.inner; ++k) {
        if ((i / PackedProduct::kTileRows + k) % 3 != 0) product.a_at(i, k) = 0;
      }
    }
    product.check();
  }

  TEST_CASE("passing over zeros changes no bit") {
    if (!can_run()) return;
    constexpr std::int64_t kRows = PackedProduct::kTileRows, kColumns = PackedProduct::kTileColumns;
    ProductCase sparse_a{kRows, 450, kColumns};
    ProductCase sparse_b{.rows = kRows, .inner = 450, .columns = kColumns, .turned_a = true};
    for (std::int64_t k = 0; k < 450; ++k) {
      if (k % 3 == 0) continue;
      for (std::int64_t i = 0; i < kRows; ++i) sparse_a.a_at(i, k) = k % 2 == 0 ? 0.0f : -0.0f;
      for (std::int64_t j = 0; j < kColumns; ++j) sparse_b.b_at(k, j) = 0;
    }
    const Numbers c_a = sparse_a.run(), c_b = sparse_b.run();
    // With a last row, and a last column, that is nowhere zero nothing can be passed over.
    for (std::int64_t k = 0; k < 450; ++k) {
      sparse_a.a_at(kRows - 1, k) = sparse_b.b_at(k, kColumns - 1) = 1;
    }
    const Numbers full_a = sparse_a.run(), full_b = sparse_b.run();
    const auto same_bits = [](float x, float y) { return std::memcmp(&x, &y, sizeof x) == 0; };
    bool same = true;
    for (std::int64_t i = 0; i < kRows - 1; ++i) {
      for (std::int64_t j = 0; j < kColumns - 1; ++j) {
        const auto at = i * sparse_a.c_step + j;
        same &= same_bits(c_a[at], full_a[at]) && same_bits(c_b[at], full_b[at]);
      }
    }
    CHECK(same);
  }

  TEST_CASE("a row's result does not depend on the other rows") {
    // The samples of a batch are shared out among threads.
    if (!can_run()) return;
    ProductCase whole{.rows = 31, .inner = 450, .columns = 40, .turned_b = true, .bias = true};
    const Numbers together = whole.run();
    ProductCase last = whole;
    last.rows = 4;
    last.a.erase(last.a.begin(), last.a.begin() + 27 * last.a_step);
    const Numbers alone = last.run();
    CHECK(std::equal(alone.begin(), alone.end(), together.begin() + 27 * whole.c_step));
  }
}

}  // namespace hourglass::test
