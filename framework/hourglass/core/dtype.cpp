#include <hourglass/core/dtype.hpp>

namespace hourglass {

std::size_t size_of(DType dtype) {
  return visit(dtype, [](auto zero) { return sizeof zero; });
}

std::string_view name_of(DType dtype) {
  static constexpr std::string_view kNames[] = {"f32", "f64", "u8",  "i8",  "u16",
                                                "i16", "u32", "i32", "u64", "i64"};
  return kNames[static_cast<int>(dtype)];
}

}  // namespace hourglass
