#include <hourglass/core/dtype.hpp>

#include <doctest/doctest.h>

namespace hourglass {

TEST_SUITE("core/dtype") {
  struct Row {
    DType dtype;
    std::size_t size;
    std::string_view name;
  };
  constexpr Row kRows[] = {{DType::F32, 4, "f32"}, {DType::F64, 8, "f64"}, {DType::U8, 1, "u8"},
                           {DType::I8, 1, "i8"},   {DType::U16, 2, "u16"}, {DType::I16, 2, "i16"},
                           {DType::U32, 4, "u32"}, {DType::I32, 4, "i32"}, {DType::U64, 8, "u64"},
                           {DType::I64, 8, "i64"}};

  TEST_CASE("every type has its size and name") {
    for (const Row& row : kRows) {
      CAPTURE(row.name);
      CHECK(size_of(row.dtype) == row.size);
      CHECK(name_of(row.dtype) == row.name);
    }
  }

  TEST_CASE("visit hands over the C++ type that the value stands for") {
    for (const Row& row : kRows) {
      CAPTURE(row.name);
      CHECK(visit(row.dtype, [](auto zero) { return dtype_of<decltype(zero)>(); }) == row.dtype);
      CHECK(visit(row.dtype, [](auto zero) { return zero == 0; }));
    }
  }
}

}  // namespace hourglass
