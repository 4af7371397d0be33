#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/ops/spatial.hpp>

namespace hourglass {

std::string spread_text(const std::vector<std::int64_t>& numbers) {
  std::string out;
  for (const std::int64_t each : numbers) out += text(out.empty() ? "" : "x", each);
  return out;
}

onednn::Layout image_layout(const Lowering& lowering, int input) {
  const Shape& shape = lowering.input_shape(input);
  const onednn::Layout layout = lowering.input_layout(input).like(shape);
  return layout.is_plain() ? onednn::Layout::image(shape).like(shape) : layout;
}

SpatialChecker::SpatialChecker(const char* name, const Shape& x) : name_(name), x_(x) {
  if (x.rank() != 3 && x.rank() != 4) {
    fail("x must be [batch, channels, size] or [batch, channels, height, width]");
  }
}

std::vector<std::int64_t> SpatialChecker::spread(std::vector<std::int64_t> numbers,
                                                 const char* what, std::int64_t least) const {
  if (numbers.size() == 1) numbers.resize(axes(), numbers[0]);
  if (std::ssize(numbers) != axes()) {
    fail(text(what, " needs one number, or one for each of ", axes(), " axes"));
  }
  for (const std::int64_t each : numbers) {
    if (each < least) fail(text(what, " must be at least ", least, ", got ", each));
  }
  return numbers;
}

void SpatialChecker::fail(const std::string& rule) const {
  throw ShapeError(text("[", name_, "] ", rule, ": x is ", x_.to_text(), more_));
}

}  // namespace hourglass
