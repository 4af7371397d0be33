#include <hourglass/core/text.hpp>
#include <hourglass/plugin/data_range.hpp>

namespace hourglass {

void need_range(const ModelBuilder& model, const std::string& option, const std::string& value,
                DataRange needed, const std::string& instead) {
  const ValueRange& range = model.data().range;
  const bool unit = needed == DataRange::Unit;
  if (range.within(unit ? 0 : -1, 1)) return;
  model.refuse(option,
               text("cannot be ", value, ": the data lie in [", range.least, ", ", range.greatest,
                    "], it needs ", unit ? "[0, 1]" : "[-1, 1]", "; set dataset.scaling to ",
                    unit ? "unit or minmax" : "symmetric", ", or use ", instead));
}

}  // namespace hourglass
