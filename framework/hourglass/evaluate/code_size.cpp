#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/code_size.hpp>

#include <cstdio>

namespace hourglass {

std::int64_t code_size(Model& model) { return model.code_shape().size(); }

double compression_ratio(Model& model) {
  return static_cast<double>(model.setup().data.sample_shape.size()) /
         static_cast<double>(code_size(model));
}

std::string compression_text(double ratio) {
  if (ratio == 1) return "as many as a sample";
  char number[32];
  std::snprintf(number, sizeof number, "%.4g", ratio > 1 ? ratio : 1 / ratio);
  return ratio > 1 ? text("1/", number, " of a sample") : text(number, " times a sample");
}

}  // namespace hourglass
