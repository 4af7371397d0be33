#include <hourglass/core/error.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/repeat.hpp>
#include <hourglass/ops/reshape.hpp>

namespace hourglass {

Value repeat(Value x, std::int64_t times) {
  const Shape& shape = x.shape();
  if (shape.rank() == 0 || times < 1) {
    throw ShapeError(text("[repeat] needs an axis of samples, and at least one copy of each: got ",
                          shape.to_text(), ", ", times, " times"));
  }
  if (times == 1) return x;
  const Shape sample = shape.without(0);
  const std::int64_t batch = shape[0], features = sample.size();
  const Value rows = reshape(x, {batch, 1, features});
  return reshape(broadcast_to(rows, {batch, times, features}), sample.prepended(batch * times));
}

}  // namespace hourglass
