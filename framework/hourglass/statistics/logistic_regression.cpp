#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/statistics/logistic_regression.hpp>
#include <hourglass/statistics/orthant_wise.hpp>
#include <hourglass/statistics/product.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <utility>

namespace hourglass {
namespace {

// A block of 784 features stays in the second-level cache between its two products. More rows than
// these have larger blocks instead of more: each block has a gradient of its own.
constexpr std::int64_t kLeastRows = 512, kMostBlocks = 256;

std::int64_t block_rows(std::int64_t rows) {
  return std::min(rows, std::max(kLeastRows, (rows + kMostBlocks - 1) / kMostBlocks));
}

// The products of one thread, for blocks of one size.
struct Products {
  Products(std::int64_t rows, std::int64_t features, std::int64_t classes)
      : forward({rows, features}, {features, classes, true}),
        backward({classes, rows, true}, {rows, features}) {}
  LoneProduct forward, backward;
};

}  // namespace

struct LogisticObjective::State {
  const Tensor& x;
  std::span<const std::int32_t> classes;
  std::int64_t rows, features, class_count;
  double l2;
  std::int64_t block, blocks;
  Tensor weight;  // [classes, features], f32 of the parameters
  std::vector<double> bias;
  Tensor scores;                       // [rows, classes]: W x, then the gradient of them
  Tensor weight_gradients;             // [blocks, classes, features]
  std::vector<double> bias_gradients;  // [blocks, classes]
  std::vector<double> losses;          // [blocks]
  std::vector<Products> whole, last;   // one a thread

  std::int64_t rows_of(std::int64_t number) const { return std::min(block, rows - number * block); }
  void make_products();
  bool run_block(std::int64_t number, Products& products);
  double losses_of(std::int64_t first, std::int64_t count, double* bias_gradient);
};

void LogisticObjective::State::make_products() {
  while (std::ssize(whole) < thread_count()) {
    whole.emplace_back(block, features, class_count);
    last.emplace_back(rows_of(blocks - 1), features, class_count);
  }
}

// Scores become the loss's gradient of them, (softmax - one-hot) / rows.
double LogisticObjective::State::losses_of(std::int64_t first, std::int64_t count,
                                           double* bias_gradient) {
  double loss = 0;
  std::vector<double> exponentials(static_cast<std::size_t>(class_count));
  float* score = scores.floats().data() + first * class_count;
  for (std::int64_t row = first; row < first + count; ++row, score += class_count) {
    double greatest = score[0] + bias[0], sum = 0;
    for (std::int64_t c = 1; c < class_count; ++c) {
      greatest = std::max(greatest, score[c] + bias[static_cast<std::size_t>(c)]);
    }
    for (std::int64_t c = 0; c < class_count; ++c) {
      const auto place = static_cast<std::size_t>(c);
      exponentials[place] = std::exp(score[c] + bias[place] - greatest);
      sum += exponentials[place];
    }
    const auto own = static_cast<std::size_t>(classes[static_cast<std::size_t>(row)]);
    loss += greatest + std::log(sum) - (score[own] + bias[own]);
    for (std::int64_t c = 0; c < class_count; ++c) {
      const auto place = static_cast<std::size_t>(c);
      const double gradient =
          (exponentials[place] / sum - (place == own ? 1 : 0)) / static_cast<double>(rows);
      bias_gradient[c] += gradient;
      score[c] = static_cast<float>(gradient);
    }
  }
  return loss;
}

bool LogisticObjective::State::run_block(std::int64_t number, Products& products) {
  const std::int64_t first = number * block;
  const float* samples = x.floats().data() + first * features;
  float* score = scores.floats().data() + first * class_count;
  if (!products.forward(samples, weight.floats().data(), score)) return false;
  double* bias_gradient = bias_gradients.data() + number * class_count;
  std::fill_n(bias_gradient, class_count, 0.0);
  losses[static_cast<std::size_t>(number)] = losses_of(first, rows_of(number), bias_gradient);
  return products.backward(score, samples,
                           weight_gradients.floats().data() + number * weight.size());
}

LogisticObjective::LogisticObjective(const Tensor& x, std::span<const std::int32_t> classes,
                                     std::int64_t class_count, double l2) {
  const std::int64_t rows = x.shape()[0], features = x.size() / rows;
  const std::int64_t block = block_rows(rows), blocks = (rows + block - 1) / block;
  state_ = std::make_unique<State>(State{x,
                                         classes,
                                         rows,
                                         features,
                                         class_count,
                                         l2,
                                         block,
                                         blocks,
                                         Tensor(Shape{class_count, features}),
                                         {},
                                         Tensor(Shape{rows, class_count}),
                                         Tensor(Shape{blocks, class_count, features}),
                                         {},
                                         {},
                                         {},
                                         {}});
  state_->bias.resize(static_cast<std::size_t>(class_count));
  state_->bias_gradients.resize(static_cast<std::size_t>(blocks * class_count));
  state_->losses.resize(static_cast<std::size_t>(blocks));
}

LogisticObjective::~LogisticObjective() = default;

std::size_t LogisticObjective::parameters() const {
  return static_cast<std::size_t>(state_->class_count * (state_->features + 1));
}

double LogisticObjective::operator()(std::span<const double> parameters,
                                     std::span<double> gradient) {
  State& state = *state_;
  const auto weights = static_cast<std::size_t>(state.weight.size());
  std::ranges::transform(parameters.first(weights), state.weight.floats().begin(),
                         [](double value) { return static_cast<float>(value); });
  std::ranges::copy(parameters.subspan(weights), state.bias.begin());

  state.make_products();
  std::atomic<bool> failed = false;
  parallel_for(state.blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    const auto thread = static_cast<std::size_t>(thread_index());
    for (std::int64_t number = begin; number < end; ++number) {
      const bool is_last = number == state.blocks - 1;
      if (!state.run_block(number, is_last ? state.last[thread] : state.whole[thread])) {
        failed = true;
      }
    }
  });
  if (failed) throw Error("oneDNN failed to multiply matrices");

  const float* parts = state.weight_gradients.floats().data();
  parallel_for(state.weight.size(), 1024, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto place = static_cast<std::size_t>(i);
      double sum = state.l2 * parameters[place];
      for (std::int64_t number = 0; number < state.blocks; ++number) {
        sum += parts[number * state.weight.size() + i];
      }
      gradient[place] = sum;
    }
  });
  double value = 0, squares = 0;
  for (std::size_t c = 0; c < state.bias.size(); ++c) {
    double sum = 0;
    for (std::size_t i = c; i < state.bias_gradients.size(); i += state.bias.size()) {
      sum += state.bias_gradients[i];
    }
    gradient[weights + c] = sum;
  }
  for (const double loss : state.losses) value += loss;
  for (const double weight : parameters.first(weights)) squares += weight * weight;
  return value / static_cast<double>(state.rows) + 0.5 * state.l2 * squares;
}

namespace {

LogisticRegression regression_at(Minimum minimum, std::int64_t classes, std::int64_t features) {
  LogisticRegression result{Tensor(Shape{classes, features}), Tensor(Shape{classes}),
                            std::move(minimum)};
  const auto to_float = [](double value) { return static_cast<float>(value); };
  const std::span<const double> all = result.fit.x;
  const auto weights = static_cast<std::size_t>(result.weight.size());
  std::ranges::transform(all.first(weights), result.weight.floats().begin(), to_float);
  std::ranges::transform(all.subspan(weights), result.bias.floats().begin(), to_float);
  return result;
}

}  // namespace

LogisticRegression fit_logistic_regression(const Tensor& x, std::span<const std::int32_t> classes,
                                           std::int64_t class_count, double l2,
                                           const LbfgsOptions& options) {
  LogisticObjective objective(x, classes, class_count, l2);
  return regression_at(
      minimise_convex(std::ref(objective), std::vector<double>(objective.parameters()), options),
      class_count, x.size() / x.shape()[0]);
}

LogisticRegression fit_sparse_logistic_regression(const Tensor& x,
                                                  std::span<const std::int32_t> classes,
                                                  std::int64_t class_count, double l1,
                                                  const LbfgsOptions& options) {
  const std::int64_t features = x.size() / x.shape()[0];
  LogisticObjective objective(x, classes, class_count, 0);
  std::vector<double> penalties(objective.parameters());
  std::fill_n(penalties.begin(), class_count * features, l1);
  return regression_at(minimise_with_l1(std::ref(objective), penalties,
                                        std::vector<double>(objective.parameters()), options),
                       class_count, features);
}

std::vector<std::int32_t> LogisticRegression::classify(const Tensor& x) const {
  const std::int64_t rows = x.shape()[0], features = weight.shape()[1], classes = weight.shape()[0];
  std::vector<std::int32_t> result(static_cast<std::size_t>(rows));
  parallel_for(rows, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      double best = 0;
      for (std::int64_t c = 0; c < classes; ++c) {
        double score = bias.floats()[static_cast<std::size_t>(c)];
        const float *a = x.floats().data() + row * features,
                    *w = weight.floats().data() + c * features;
        for (std::int64_t i = 0; i < features; ++i) score += static_cast<double>(a[i]) * w[i];
        if (c > 0 && score <= best) continue;
        best = score;
        result[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(c);
      }
    }
  });
  return result;
}

}  // namespace hourglass
