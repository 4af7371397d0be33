#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hourglass {

/// The type of a tensor's elements. Graphs compute in `F32`; the others are what data come in.
enum class DType : std::uint8_t { F32, F64, U8, I8, U16, I16, U32, I32, U64, I64 };

/// Bytes of one element.
HOURGLASS_API std::size_t size_of(DType dtype);
/// "f32", "u8", ...
HOURGLASS_API std::string_view name_of(DType dtype);

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::F32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::F64;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::U8;
}
template <>
constexpr DType dtype_of<std::int8_t>() {
  return DType::I8;
}
template <>
constexpr DType dtype_of<std::uint16_t>() {
  return DType::U16;
}
template <>
constexpr DType dtype_of<std::int16_t>() {
  return DType::I16;
}
template <>
constexpr DType dtype_of<std::uint32_t>() {
  return DType::U32;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::I32;
}
template <>
constexpr DType dtype_of<std::uint64_t>() {
  return DType::U64;
}
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::I64;
}

/// Calls `visitor` with a value of the C++ type that `dtype` stands for:
///     visit(tensor.dtype(), [&](auto zero) { using T = decltype(zero); ... });
template <class Visitor>
decltype(auto) visit(DType dtype, Visitor&& visitor) {
  switch (dtype) {
    case DType::F64: return visitor(double{});
    case DType::U8: return visitor(std::uint8_t{});
    case DType::I8: return visitor(std::int8_t{});
    case DType::U16: return visitor(std::uint16_t{});
    case DType::I16: return visitor(std::int16_t{});
    case DType::U32: return visitor(std::uint32_t{});
    case DType::I32: return visitor(std::int32_t{});
    case DType::U64: return visitor(std::uint64_t{});
    case DType::I64: return visitor(std::int64_t{});
    case DType::F32: break;
  }
  return visitor(float{});
}

}  // namespace hourglass
