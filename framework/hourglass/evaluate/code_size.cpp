#include <hourglass/evaluate/code_size.hpp>

namespace hourglass {

std::int64_t code_size(Model& model) { return model.code_shape().size(); }

double compression_ratio(Model& model) {
  return static_cast<double>(model.setup().data.sample_shape.size()) /
         static_cast<double>(code_size(model));
}

}  // namespace hourglass
