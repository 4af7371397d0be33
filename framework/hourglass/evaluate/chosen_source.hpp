#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/source.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

/// Some samples of another source, which must outlive this one, in an order of one's own.
class HOURGLASS_API ChosenSource final : public Source {
 public:
  ChosenSource(const Source& source, std::vector<std::uint32_t> chosen);

  std::int64_t size() const override { return static_cast<std::int64_t>(chosen_.size()); }
  const Shape& sample_shape() const override { return source_.sample_shape(); }
  void read(std::span<const std::uint32_t> indices, float* out) const override;
  std::uint32_t number(std::uint32_t index) const override {
    return source_.number(chosen_[index]);
  }
  std::uint32_t row(std::uint32_t index) const override { return source_.row(chosen_[index]); }
  const Labels& labels() const override { return labels_; }

 private:
  const Source& source_;
  std::vector<std::uint32_t> chosen_;
  Labels labels_;
};

/// At most `most` samples of a source of `size`, evenly spread: sorted data show all their kinds.
HOURGLASS_API std::vector<std::uint32_t> spread(std::int64_t size, std::int64_t most);

}  // namespace hourglass
