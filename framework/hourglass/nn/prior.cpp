#include <hourglass/nn/gaussian.hpp>
#include <hourglass/nn/prior.hpp>
#include <hourglass/ops/random.hpp>

#include <utility>

namespace hourglass {

Prior::Prior(std::string name, Draw draw, LogDensity log_density)
    : name_(std::move(name)), draw_(std::move(draw)), log_density_(std::move(log_density)) {}
Prior::~Prior() = default;
Prior::Prior(const Prior&) = default;
Prior& Prior::operator=(const Prior&) = default;

Prior standard_normal(std::int64_t width) {
  return Prior(
      "a standard normal distribution",
      [width](Graph& graph, std::int64_t count, const std::string& stream) {
        return random_normal(graph, {count, width}, stream);
      },
      log_standard_normal);
}

}  // namespace hourglass
