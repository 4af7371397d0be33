#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <string>

namespace hourglass {

/// Reads an IDX file, the format of MNIST, plain or gzip-compressed: two zero bytes, a type (u8,
/// i8, i16, i32, f32, f64), the number of axes, each extent as big-endian u32, then the elements,
/// big-endian, last axis fastest.
/// Throws DataError when the file is missing, is not IDX, or holds less or more than it promises.
HOURGLASS_API Tensor read_idx(const std::string& path);

}  // namespace hourglass
