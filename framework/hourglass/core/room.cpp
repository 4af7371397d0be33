#include <hourglass/core/resident.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/core/text.hpp>

#include <cmath>

namespace hourglass {

std::string lack_of_room(const Shape& shape) {
  constexpr double kGibibyte = 1 << 30;
  double wanted = sizeof(float) / kGibibyte;  // whole numbers would overflow
  for (const std::int64_t extent : shape) wanted *= static_cast<double>(extent);
  const double there = static_cast<double>(machine_bytes()) / kGibibyte;
  if (wanted <= there) return {};
  return text("would take ", std::round(wanted), " GiB, and this machine has ", std::round(there));
}

}  // namespace hourglass
