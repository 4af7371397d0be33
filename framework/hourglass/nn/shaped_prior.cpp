#include <hourglass/core/text.hpp>
#include <hourglass/nn/shaped_prior.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/compare.hpp>
#include <hourglass/ops/matmul.hpp>
#include <hourglass/ops/random.hpp>

#include <cmath>
#include <functional>
#include <numbers>

namespace hourglass {

namespace {

constexpr std::int64_t kPositions = 1000;

/// [rows, columns], of which each is made from its row.
Value rows_of(Graph& graph, std::int64_t rows, std::int64_t columns,
              const std::function<void(std::int64_t row, float* numbers)>& make) {
  Tensor tensor({rows, columns});
  for (std::int64_t i = 0; i < rows; ++i) make(i, tensor.floats().data() + i * columns);
  return graph.constant(tensor);
}

/// 1 in the column of [count, width] that each position [count, 1] in [0, 1) falls into, else 0.
Value place(Value position, std::int64_t width) {
  Graph& graph = position.graph();
  Tensor least({1, width}), beyond({1, width});
  for (std::int64_t i = 0; i < width; ++i) {
    least.floats()[i] = static_cast<float>(i) / static_cast<float>(width);
    beyond.floats()[i] = static_cast<float>(i + 1) / static_cast<float>(width);
  }
  beyond.floats()[width - 1] = 2;  // whatever rounding makes of the last position
  return greater_equal(position, graph.constant(least)) * greater(graph.constant(beyond), position);
}

}  // namespace

Value random_choice(Graph& graph, std::int64_t count, std::int64_t width,
                    const std::string& stream) {
  return place(random_uniform(graph, {count, 1}, stream), width);
}

Prior one_of(std::int64_t width) {
  return Prior(text("one of ", width, " classes"),
               [width](Graph& graph, std::int64_t count, const std::string& stream) {
                 return random_choice(graph, count, width, stream);
               });
}

Prior uniform_numbers(std::int64_t width, float low, float high) {
  return Prior(text("a uniform distribution in [", low, ", ", high, ")"),
               [=](Graph& graph, std::int64_t count, const std::string& stream) {
                 return random_uniform(graph, {count, width}, stream, low, high);
               });
}

Value draw_from_ring(const Ring& ring, Value chosen, const std::string& stream) {
  Graph& graph = chosen.graph();
  const std::int64_t count = chosen.shape()[0];
  const auto at_each = [&](const auto& make) {
    return matmul(
        chosen, rows_of(graph, ring.components, 2, [&](std::int64_t i, float* point) {
          const double angle =
              2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(ring.components);
          make(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)), point);
        }));
  };
  const Value middle = at_each([&](float c, float s, float* point) {
    point[0] = ring.radius * c;
    point[1] = ring.radius * s;
  });
  const Value along = at_each([&](float c, float s, float* point) {
    point[0] = ring.along * c;
    point[1] = ring.along * s;
  });
  const Value across = at_each([&](float c, float s, float* point) {
    point[0] = -ring.across * s;
    point[1] = ring.across * c;
  });
  return middle + along * random_normal(graph, {count, 1}, stream + " along") +
         across * random_normal(graph, {count, 1}, stream + " across");
}

Prior ring_of_normals(const Ring& ring) {
  return Prior(text("a ring of ", ring.components, " normal distributions"),
               [ring](Graph& graph, std::int64_t count, const std::string& stream) {
                 const Value chosen =
                     random_choice(graph, count, ring.components, stream + " component");
                 return draw_from_ring(ring, chosen, stream);
               });
}

Value draw_from_swiss_roll(const SwissRoll& roll, Value position, const std::string& stream) {
  Graph& graph = position.graph();
  const Value points = rows_of(graph, kPositions, 2, [&](std::int64_t i, float* point) {
    const double part = std::sqrt((static_cast<double>(i) + 0.5) / kPositions);
    const double angle = 2 * std::numbers::pi * double{roll.turns} * part;
    point[0] = static_cast<float>(roll.radius * part * std::cos(angle));
    point[1] = static_cast<float>(roll.radius * part * std::sin(angle));
  });
  return matmul(place(position, kPositions), points) +
         roll.noise * random_normal(graph, {position.shape()[0], 2}, stream + " noise");
}

Prior swiss_roll(const SwissRoll& roll) {
  return Prior("a swiss roll", [roll](Graph& graph, std::int64_t count, const std::string& stream) {
    return draw_from_swiss_roll(roll, random_uniform(graph, {count, 1}, stream + " position"),
                                stream);
  });
}

}  // namespace hourglass
