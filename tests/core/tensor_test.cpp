#include <hourglass/core/error.hpp>
#include <hourglass/core/tensor.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace hourglass {

TEST_SUITE("core/tensor") {
  TEST_CASE("a new tensor is zero, aligned and as large as its shape") {
    const Tensor tensor({3, 5});
    CHECK(tensor.size() == 15);
    CHECK(tensor.bytes() == 60);
    CHECK(tensor.dtype() == DType::F32);
    CHECK_FALSE(tensor.empty());
    CHECK(reinterpret_cast<std::uintptr_t>(tensor.raw()) % 64 == 0);
    CHECK(std::ranges::all_of(tensor.floats(), [](float value) { return value == 0; }));
  }

  TEST_CASE("no tensor, one of no elements and a scalar are three things") {
    CHECK(Tensor().empty());
    CHECK(Tensor().size() == 0);
    CHECK_FALSE(Tensor({0, 7}).empty());
    CHECK(Tensor({0, 7}).bytes() == 0);
    CHECK(Tensor(Shape{}).floats().size() == 1);
  }

  TEST_CASE("copies share their elements, clones do not") {
    Tensor tensor({2});
    Tensor copy = tensor;
    Tensor clone = tensor.clone();
    tensor.floats()[1] = 4;
    CHECK(copy.floats()[1] == 4);
    CHECK(clone.floats()[1] == 0);
    CHECK(clone.shape() == tensor.shape());
    CHECK(Tensor({0}, DType::U8).clone().dtype() == DType::U8);
  }

  TEST_CASE("another shape of the same size shares the elements") {
    Tensor tensor({2, 6});
    Tensor other = tensor.reshaped({3, 4});
    tensor.floats()[7] = 2;
    CHECK(other.floats()[7] == 2);
    CHECK(other.shape() == Shape{3, 4});
    CHECK_THROWS_WITH_AS(tensor.reshaped({5}), "[reshape] [2, 6] has 12 elements, [5] has 5",
                         ShapeError);
  }

  TEST_CASE("elements of any type become floats") {
    Tensor bytes({3}, DType::U8);
    std::ranges::copy(std::array<std::uint8_t, 3>{0, 7, 255}, bytes.values<std::uint8_t>().begin());
    const Tensor floats = bytes.to_f32();
    CHECK(floats.dtype() == DType::F32);
    CHECK(floats.floats()[1] == 7.0f);
    CHECK(floats.floats()[2] == 255.0f);

    Tensor doubles({2}, DType::F64);
    doubles.values<double>()[0] = 0.1;
    doubles.values<double>()[1] = -3;
    CHECK(doubles.to_f32().floats()[0] == 0.1f);
    CHECK(doubles.to_f32().floats()[1] == -3.0f);
  }

  TEST_CASE("memory of somebody else is used in place and kept alive") {
    bool released = false;
    alignas(float) std::byte memory[8] = {};
    {
      Tensor tensor({2}, DType::F32,
                    std::shared_ptr<std::byte>(memory, [&](std::byte*) { released = true; }));
      const Tensor copy = tensor;
      CHECK(tensor.raw() == memory);
      tensor = Tensor();
      CHECK_FALSE(released);
    }
    CHECK(released);
  }

  TEST_CASE("more than there can be is refused, not wrapped around") {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    CHECK_THROWS_WITH_AS(
        Tensor({kMost / 2}, DType::F64),
        "a tensor of shape [4611686018427387903] and type f64 is larger than memory can be",
        ShapeError);
    CHECK_THROWS_AS(Tensor({kMost}, DType::U8), IoError);
    CHECK_THROWS_AS(allocate_aligned(std::numeric_limits<std::size_t>::max()), IoError);
    CHECK_THROWS_WITH_AS(allocate_aligned(std::size_t{1} << 60),
                         "out of memory: could not allocate 1152921504606846976 bytes", IoError);
  }
}

}  // namespace hourglass
