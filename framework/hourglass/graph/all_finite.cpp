#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/all_finite.hpp>
#include <hourglass/graph/sweep_kernels.hpp>

#include <atomic>

namespace hourglass {

bool all_finite(std::span<const float> numbers) {
  constexpr std::int64_t kGrain = 32768;
  std::atomic<bool> finite = true;
  parallel_for(std::ssize(numbers), kGrain, [&](std::int64_t begin, std::int64_t end) {
    if (!vector_kernels().all_finite(numbers.data() + begin, end - begin)) finite = false;
  });
  return finite;
}

}  // namespace hourglass
