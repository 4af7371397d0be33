#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/data/binarise.hpp>

#include <string>
#include <utility>

namespace hourglass {

namespace {

constexpr std::pair<Binarise, std::string_view> kBinariseNames[] = {
    {Binarise::None, "none"},
    {Binarise::Threshold, "threshold"},
    {Binarise::Fixed, "fixed"},
    {Binarise::Dynamic, "dynamic"}};

class BinarisedSource final : public Source {
 public:
  BinarisedSource(std::shared_ptr<Source> inner, bool draws, std::uint64_t seed,
                  std::string_view split)
      : inner_(std::move(inner)),
        draws_(draws),
        seed_(seed),
        stream_(text("binarise.", split)),
        width_(inner_->sample_shape().size()) {}

  std::int64_t size() const override { return inner_->size(); }
  const Shape& sample_shape() const override { return inner_->sample_shape(); }
  bool in_memory() const override { return !draws_ && inner_->in_memory(); }
  LazySamples::Blocks blocks() const override { return inner_->blocks(); }
  std::uint32_t number(std::uint32_t index) const override { return inner_->number(index); }
  std::uint32_t row(std::uint32_t index) const override { return inner_->row(index); }
  const Labels& labels() const override { return inner_->labels(); }

  void read(std::span<const std::uint32_t> indices, float* out) const override {
    inner_->read(indices, out);
    for (const std::uint32_t index : indices) {
      if (draws_) {
        RandomStream random(seed_, stream_, inner_->row(index));
        for (std::int64_t i = 0; i < width_; ++i) out[i] = out[i] > random.uniform() ? 1.0f : 0.0f;
      } else {
        for (std::int64_t i = 0; i < width_; ++i) out[i] = out[i] >= 0.5f ? 1.0f : 0.0f;
      }
      out += width_;
    }
  }

 private:
  std::shared_ptr<Source> inner_;
  bool draws_;
  std::uint64_t seed_;
  std::string stream_;
  std::int64_t width_;
};

}  // namespace

std::string_view name_of(Binarise binarise) {
  for (const auto& [value, name] : kBinariseNames) {
    if (value == binarise) return name;
  }
  return "none";
}

Binarise binarise_named(std::string_view name) {
  for (const auto& [value, known] : kBinariseNames) {
    if (known == name) return value;
  }
  throw ConfigError(
      text("unknown way to binarise \"", name, "\"; valid: none, threshold, fixed, dynamic"));
}

std::shared_ptr<Source> binarised(std::shared_ptr<Source> source, Binarise binarise,
                                  std::uint64_t seed, std::string_view split) {
  if (binarise == Binarise::None) return source;
  return std::make_shared<BinarisedSource>(std::move(source), binarise != Binarise::Threshold, seed,
                                           split);
}

}  // namespace hourglass
