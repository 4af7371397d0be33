#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/gradient_check.hpp>
#include <hourglass/ops/sum.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace hourglass {

namespace {

Tensor random_vector(const Shape& shape, std::uint64_t seed, std::string_view name) {
  Tensor tensor(shape);
  RandomStream random(seed, name);
  for (float& each : tensor.floats()) each = random.uniform(-1.0f, 1.0f);
  return tensor;
}

void fill_with_nan(Arena& arena) {
  std::fill_n(reinterpret_cast<float*>(arena.memory()), arena.bytes() / sizeof(float),
              std::numeric_limits<float>::quiet_NaN());
}

std::string index_text(std::int64_t index, const Shape& shape) {
  std::string out;
  for (int axis = shape.rank(); axis-- > 0;) {
    out = text(index % shape[axis], out.empty() ? "" : ", ", out);
    index /= shape[axis];
  }
  return text("[", out, "]");
}

class GradientChecker {
 public:
  GradientChecker(const GradientFunction& function, std::span<const Tensor> inputs,
                  const GradientCheckOptions& options)
      : function_(function), inputs_(inputs), options_(options) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      variables_.push_back(
          &store_.create(text("input ", i), Variable::Kind::Parameter, inputs[i].clone()));
    }
  }

  GradientReport run() {
    const std::vector<Tensor> analytic = analytic_gradients();
    Graph graph;
    const Value output = function_(leaves(graph));
    Arena arena;
    Program program(graph, {output}, {}, arena);
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      for (std::int64_t k = 0; k < analytic[i].size(); ++k) {
        check(program, arena, static_cast<int>(i), k, analytic[i].floats()[k]);
      }
    }
    return std::move(report_);
  }

 private:
  std::vector<Value> leaves(Graph& graph) const {
    std::vector<Value> values;
    for (Variable* variable : variables_) values.push_back(graph.variable(*variable));
    return values;
  }

  std::vector<Tensor> analytic_gradients() {
    Graph graph;
    const std::vector<Value> inputs = leaves(graph);
    const Value first = function_(inputs), second = function_(inputs);
    const Tensor a = random_vector(first.shape(), options_.seed, "first");
    const Tensor b = random_vector(first.shape(), options_.seed, "second");
    projection_.assign(a.floats().begin(), a.floats().end());
    for (std::size_t i = 0; i < projection_.size(); ++i) projection_[i] += b.floats()[i];
    const Value loss = sum(first * graph.constant(a)) + sum(second * graph.constant(b));
    std::vector<Value> wanted = gradients(loss, inputs);
    wanted.push_back(loss);  // so that the forward direction runs, whether gradients need it or not
    Arena arena;
    Program program(graph, wanted, {}, arena);
    fill_with_nan(arena);
    program.run({.seed = options_.seed});
    std::vector<Tensor> result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Tensor copy(wanted[i].shape());
      std::ranges::copy(program.fetched(static_cast<int>(i)), copy.floats().begin());
      result.push_back(std::move(copy));
    }
    return result;
  }

  double projected(Program& program, Arena& arena) const {
    fill_with_nan(arena);
    program.run({.seed = options_.seed});
    const auto output = program.fetched(0);
    double total = 0;
    for (std::size_t i = 0; i < output.size(); ++i) total += double{output[i]} * projection_[i];
    return total;
  }

  /// The difference quotient at one element, for one step.
  double slope(Program& program, Arena& arena, int input, std::int64_t index, float step) {
    // All inputs anew, in case the function wrote into one.
    for (std::size_t i = 0; i < variables_.size(); ++i) variables_[i]->write(inputs_[i]);
    Variable& variable = *variables_[input];
    Tensor moved = inputs_[input].clone();
    float& element = moved.floats()[index];
    const float high = element + step, low = element - step;
    element = high;
    variable.write(moved);
    const double above = projected(program, arena);
    element = low;
    variable.write(moved);
    const double below = projected(program, arena);
    return (above - below) / (double{high} - double{low});
  }

  void check(Program& program, Arena& arena, int input, std::int64_t index, double analytic) {
    double nearest = std::numeric_limits<double>::quiet_NaN();
    for (const float step : options_.steps) {
      const double numeric = slope(program, arena, input, index, step);
      const double error = std::abs(analytic - numeric);
      if (error <= options_.absolute ||
          error <= options_.relative * std::max(std::abs(analytic), std::abs(numeric))) {
        return;
      }
      if (!(error >= std::abs(analytic - nearest))) nearest = numeric;
    }
    note(input, index, analytic, nearest);
  }

  void note(int input, std::int64_t index, double analytic, double numeric) {
    if (report_.passed) report_.table = "input index analytic numeric absolute relative\n";
    report_.passed = false;
    const double error = std::abs(analytic - numeric);
    const double scale = std::max(std::abs(analytic), std::abs(numeric));
    char numbers[128];
    std::snprintf(numbers, sizeof numbers, "%.6g %.6g %.2g %.2g", analytic, numeric, error,
                  error / scale);
    report_.table +=
        text(input, " ", index_text(index, variables_[input]->shape()), " ", numbers, "\n");
  }

  const GradientFunction& function_;
  std::span<const Tensor> inputs_;
  const GradientCheckOptions& options_;
  VariableStore store_;
  std::vector<Variable*> variables_;
  std::vector<double> projection_;
  GradientReport report_;
};

}  // namespace

GradientReport check_gradients(const GradientFunction& function, std::span<const Tensor> inputs,
                               const GradientCheckOptions& options) {
  return GradientChecker(function, inputs, options).run();
}

GradientReport check_gradients(const GradientFunction& function,
                               std::initializer_list<Tensor> inputs,
                               const GradientCheckOptions& options) {
  return check_gradients(function, std::span<const Tensor>(inputs.begin(), inputs.size()), options);
}

}  // namespace hourglass
