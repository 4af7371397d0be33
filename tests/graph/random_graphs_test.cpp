// Random graphs of elementwise operations, folds, views and assignments, computed by programs and
// by plain loops: whatever passes do to a graph, its numbers stay.
#include "ops/evaluate.hpp"

#include <hourglass/onednn/dense.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/maximum_over.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/slice.hpp>
#include <hourglass/ops/tanh.hpp>
#include <hourglass/ops/transpose.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

namespace {

using Extents = std::vector<std::int64_t>;

Extents unravel(std::int64_t index, const Shape& shape) {
  Extents at(shape.rank());
  for (int axis = shape.rank(); axis-- > 0;) {
    at[axis] = index % shape[axis];
    index /= shape[axis];
  }
  return at;
}

/// A tensor of the plain evaluation.
struct Plain {
  Shape shape;
  std::vector<double> numbers;

  /// The element that `at`, an index into a shape that this one broadcasts to, refers to.
  double at(const Extents& index) const {
    std::int64_t offset = 0;
    const int added = static_cast<int>(index.size()) - shape.rank();
    for (int axis = 0; axis < shape.rank(); ++axis) {
      offset = offset * shape[axis] + (shape[axis] == 1 ? 0 : index[axis + added]);
    }
    return numbers[offset];
  }
};

template <class Function>
Plain map(const Shape& shape, Function&& function) {
  Plain result{shape, std::vector<double>(shape.size())};
  for (std::int64_t i = 0; i < shape.size(); ++i) result.numbers[i] = function(unravel(i, shape));
  return result;
}

Plain fold(const Plain& x, const std::vector<int>& axes, bool sum) {
  Shape kept = x.shape;
  for (int axis : axes) kept = kept.with(axis, 1);
  const double start = sum ? 0 : -std::numeric_limits<double>::infinity();
  Plain result{kept, std::vector<double>(kept.size(), start)};
  for (std::int64_t i = 0; i < x.shape.size(); ++i) {
    Extents at = unravel(i, x.shape);
    std::int64_t to = 0;
    for (int axis = 0; axis < kept.rank(); ++axis) {
      to = to * kept[axis] + (kept[axis] == 1 ? 0 : at[axis]);
    }
    result.numbers[to] =
        sum ? result.numbers[to] + x.numbers[i] : std::max(result.numbers[to], x.numbers[i]);
  }
  Shape shape = x.shape;
  for (std::size_t k = axes.size(); k-- > 0;) shape = shape.without(axes[k]);
  result.shape = shape;
  return result;
}

struct Pair {
  Value value;
  Plain plain;
};

/// Writes one random graph, and its numbers beside it.
class Writer {
 public:
  Writer(Graph& graph, VariableStore& store, const Shape& domain, std::uint64_t seed)
      : graph_(graph), store_(store), domain_(domain), random_(seed, "graph") {
    for (int i = 0; i < 4; ++i) add_variable(i);
    for (int i = 0; i < 2; ++i) {
      tensors_.push_back(random_tensor(i == 0 ? domain : part_of(domain), seed * 10 + 5 + i));
      add(graph_.input(text("input ", i), tensors_.back().shape()), tensors_.back());
    }
    add(graph_.filled(part_of(domain), 0.5f), {});
    pairs_.back().plain = map(pairs_.back().value.shape(), [](const Extents&) { return 0.5; });
    for (int i = 0; i < 14; ++i) add_operation();
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      if (random_.below(3) == 0) continue;
      assign(i);
    }
    for (int i = 0; i < 4; ++i) fetches_.push_back(pick());
    fetches_.push_back(static_cast<int>(pairs_.size()) - 1);
  }

  /// Compiles and runs; compares every fetch and every variable.
  void check(bool fuse) {
    std::vector<Value> wanted;
    for (int i : fetches_) wanted.push_back(pairs_[i].value);
    Arena arena;
    Program program(graph_, wanted, updates_, arena, {.fuse = fuse});
    std::fill_n(reinterpret_cast<float*>(arena.memory()), arena.bytes() / sizeof(float),
                std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      program.feed(text("input ", i), reinterpret_cast<const float*>(tensors_[i].raw()));
    }
    CAPTURE(fuse);
    const std::string listing = text(graph_.to_text(), program.to_text());
    CAPTURE(listing);
    REQUIRE(program.run({}));
    for (std::size_t i = 0; i < fetches_.size(); ++i) {
      const int id = wanted[i].id();
      CAPTURE(id);
      compare(program.fetched(static_cast<int>(i)), pairs_[fetches_[i]].plain.numbers);
    }
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      const std::string& path = variables_[i]->path();
      CAPTURE(path);
      const Tensor now = variables_[i]->read();
      compare(now.floats(), pairs_[news_[i]].plain.numbers);
      check_padding(*variables_[i]);
    }
  }

 private:
  void add(Value value, const Tensor& tensor) {
    Plain plain{value.shape(), {}};
    if (!tensor.empty()) plain.numbers.assign(tensor.floats().begin(), tensor.floats().end());
    pairs_.push_back({value, std::move(plain)});
  }

  void add_variable(int i) {
    const Shape shape = i < 2 || random_.below(2) == 0 ? domain_ : part_of(domain_);
    const Tensor initial = random_tensor(shape, i + 1);
    Variable& variable = store_.create(text("v", i), Variable::Kind::Parameter, initial);
    if (shape.rank() == 2 && shape.size() > 0 && random_.below(2) == 0) {
      using onednn::Layout;
      const auto primitive = onednn::dense_forward(Layout::plain({64, shape[1]}),
                                                   Layout::any(shape), false, std::nullopt);
      variable.settle(primitive.layout(onednn::Argument::Weights));
    }
    variables_.push_back(&variable);
    news_.push_back(static_cast<int>(pairs_.size()));
    add(graph_.variable(variable), initial);
  }

  /// A shape that broadcasts to `shape`.
  Shape part_of(const Shape& shape) {
    const int dropped = static_cast<int>(random_.below(shape.rank() + 1));
    std::vector<std::int64_t> extents;
    for (int axis = dropped / 2; axis < shape.rank(); ++axis) {
      extents.push_back(random_.below(3) == 0 ? 1 : shape[axis]);
    }
    return Shape(std::span<const std::int64_t>(extents));
  }

  int pick() { return static_cast<int>(random_.below(static_cast<std::uint32_t>(pairs_.size()))); }

  bool broadcasts(const Shape& a, const Shape& b) const {
    for (int i = 1; i <= std::min(a.rank(), b.rank()); ++i) {
      const std::int64_t x = a[a.rank() - i], y = b[b.rank() - i];
      if (x != y && x != 1 && y != 1) return false;
    }
    return true;
  }

  void add_operation() {
    const Pair a = pairs_[pick()], b = pairs_[pick()];
    const Shape& shape = a.plain.shape;
    switch (random_.below(12)) {
      case 0: return unary(tanh(a.value), a, [](double x) { return std::tanh(x); });
      case 1: return unary(relu(a.value), a, [](double x) { return std::max(x, 0.0); });
      case 2: return unary(affine(a.value, -0.5f, 0.25f), a, [](double x) { return 0.25 - x / 2; });
      case 3: return fold_some(a);
      case 4: {
        if (shape.rank() == 0 || shape[0] < 2) return;
        const std::int64_t begin = random_.below(static_cast<std::uint32_t>(shape[0]));
        const Value value = slice(a.value, 0, begin, begin + 1);
        pairs_.push_back({value, map(value.shape(), [&](Extents at) {
                            at[0] += begin;
                            return a.plain.at(at);
                          })});
        return;
      }
      case 5: {
        if (shape.rank() != 2) return;
        const Value back = tanh(swap_axes(a.value));
        pairs_.push_back({swap_axes(back), map(shape, [&](const Extents& at) {
                            return std::tanh(a.plain.at(at));
                          })});
        return;
      }
      case 6: {
        const Shape flat{shape.size()};
        const Value value = reshape(tanh(reshape(a.value, flat)), shape);
        return unary(value, a, [](double x) { return std::tanh(x); });
      }
      case 7: {
        if (!broadcasts(shape, domain_) || shape.rank() > domain_.rank()) return;
        if (broadcast(shape, domain_, "test") != domain_) return;
        pairs_.push_back({broadcast_to(a.value, domain_),
                          map(domain_, [&](const Extents& at) { return a.plain.at(at); })});
        return;
      }
      case 8: return binary(a, b, minimum, [](double x, double y) { return std::min(x, y); });
      case 9: return binary(a, b, subtract, [](double x, double y) { return x - y; });
      case 10: return binary(a, b, multiply, [](double x, double y) { return x * y; });
      default: return binary(a, b, add_values, [](double x, double y) { return x + y; });
    }
  }

  static Value add_values(Value a, Value b) { return hourglass::add(a, b); }

  template <class Function>
  void unary(Value value, const Pair& a, Function&& function) {
    pairs_.push_back(
        {value, map(value.shape(), [&](const Extents& at) { return function(a.plain.at(at)); })});
  }

  template <class Function>
  void binary(const Pair& a, const Pair& b, Value (*write)(Value, Value), Function&& function) {
    if (!broadcasts(a.plain.shape, b.plain.shape)) return;
    // Kept small, so that products of products stay within what f32 tells apart.
    const Value value = tanh(write(a.value, b.value));
    pairs_.push_back({value, map(value.shape(), [&](const Extents& at) {
                        return std::tanh(function(a.plain.at(at), b.plain.at(at)));
                      })});
  }

  void fold_some(const Pair& a) {
    const Shape& shape = a.plain.shape;
    std::vector<int> axes;
    const int first = shape.rank() == 0 ? 0 : static_cast<int>(random_.below(shape.rank()));
    const bool trailing = random_.below(2) == 0;
    for (int axis = first; axis < shape.rank(); ++axis) {
      if (trailing || random_.below(2) == 0) axes.push_back(axis);
    }
    if (axes.empty()) return;
    std::int64_t count = 1;
    for (int axis : axes) count *= shape[axis];
    if (count == 0) return;
    const std::span<const int> which(axes);
    if (random_.below(2) == 0) {
      pairs_.push_back({maximum_over(a.value, which), fold(a.plain, axes, false)});
    } else {
      Plain sums = fold(a.plain, axes, true);
      for (double& each : sums.numbers) each /= static_cast<double>(count);
      pairs_.push_back({mean(a.value, which), std::move(sums)});
    }
  }

  void assign(std::size_t i) {
    const Shape& shape = variables_[i]->shape();
    std::vector<int> fitting;
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      if (pairs_[k].plain.shape == shape && graph_.number_of(pairs_[k].value) == std::nullopt) {
        fitting.push_back(static_cast<int>(k));
      }
    }
    // Later values rather than earlier ones, but never another variable itself: two variables that
    // swap their values could not be ordered.
    std::erase_if(fitting, [&](int k) { return k < 4 && k != static_cast<int>(i); });
    const int chosen = fitting[fitting.size() - 1 -
                               random_.below(std::min<std::uint32_t>(
                                   3, static_cast<std::uint32_t>(fitting.size())))];
    updates_.push_back(graph_.assign(*variables_[i], pairs_[chosen].value));
    news_[i] = chosen;
  }

  static void compare(std::span<const float> got, const std::vector<double>& expected) {
    REQUIRE(got.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double error = std::abs(got[i] - expected[i]);
      worst = error <= 3e-5 ? worst : std::isnan(error) ? 1e30 : std::max(worst, error);
    }
    CHECK(worst == 0);
  }

  /// Elements that blocks have beyond the edge stay zero.
  static void check_padding(Variable& variable) {
    if (!variable.home().is_padded()) return;
    double all = 0, inside = 0;
    const auto* memory = reinterpret_cast<const float*>(variable.memory());
    for (std::size_t i = 0; i < variable.home().bytes() / sizeof(float); ++i) {
      all += std::abs(double{memory[i]});
    }
    const Tensor plain = variable.read();
    for (float each : plain.floats()) inside += std::abs(double{each});
    CHECK(all == doctest::Approx(inside).epsilon(1e-9));
  }

  Graph& graph_;
  VariableStore& store_;
  Shape domain_;
  RandomStream random_;
  std::vector<Pair> pairs_;  // variables first
  std::vector<Variable*> variables_;
  std::vector<int> news_;  // by variable: the pair that it holds after the run
  std::vector<Tensor> tensors_;
  std::vector<Value> updates_;
  std::vector<int> fetches_;
};

}  // namespace

TEST_SUITE("graph/random_graphs") {
  TEST_CASE("programs compute what plain loops compute, fused or not") {
    const Shape domains[] = {{},        {1},      {17},     {4, 1},    {1, 7},
                             {3, 5},    {10, 20}, {48, 33}, {16, 64},  {2, 3, 4},
                             {5, 1, 6}, {0, 3},   {2, 0},   {255, 16}, {2, 4097}};
    for (const Shape& domain : domains) {
      const std::string shape = domain.to_text();
      CAPTURE(shape);
      for (std::uint64_t seed = 1; seed <= (domain.size() > 2000 ? 4 : 12); ++seed) {
        CAPTURE(seed);
        for (const bool fuse : {false, true}) {
          Graph graph;
          VariableStore store;
          Writer(graph, store, domain, seed).check(fuse);
        }
      }
    }
  }
}

}  // namespace hourglass::test
