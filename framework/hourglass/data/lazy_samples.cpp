#include <hourglass/core/error.hpp>
#include <hourglass/data/lazy_samples.hpp>

#include <utility>

namespace hourglass {
namespace {

class Reshaped final : public LazySamples {
 public:
  Reshaped(std::shared_ptr<const LazySamples> inner, const Shape& shape)
      : inner_(std::move(inner)), shape_(shape) {}

  const Shape& shape() const override { return shape_; }
  DType dtype() const override { return inner_->dtype(); }
  void read(std::span<const std::uint32_t> rows, std::byte* out) const override {
    inner_->read(rows, out);
  }
  bool at_hand() const override { return inner_->at_hand(); }
  Blocks blocks() const override { return inner_->blocks(); }
  std::optional<Bounds> bounds() const override { return inner_->bounds(); }
  std::uint32_t checksum() const override { return inner_->checksum(); }

 private:
  std::shared_ptr<const LazySamples> inner_;
  Shape shape_;
};

}  // namespace

LazySamples::~LazySamples() = default;

std::int64_t LazySamples::sample_bytes() const {
  return shape().without(0).size() * static_cast<std::int64_t>(size_of(dtype()));
}

std::shared_ptr<const LazySamples> reshaped(std::shared_ptr<const LazySamples> samples,
                                            const Shape& shape) {
  const bool same_rows = shape.rank() > 0 && shape[0] == samples->size();
  if (!same_rows || shape.size() != samples->shape().size()) {
    throw ShapeError(
        text("[reshaped] samples ", samples->shape().to_text(), " cannot be ", shape.to_text()));
  }
  return std::make_shared<Reshaped>(std::move(samples), shape);
}

}  // namespace hourglass
