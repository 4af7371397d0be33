#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/graph.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace hourglass {

/// A distribution of codes that a variant pulls its own towards: what is generated comes from here.
///
///     model.latent(z, {.code = mean, .prior = standard_normal(options.latent)});
class HOURGLASS_API Prior {
 public:
  /// `count` codes [count, d1, ...] from the named random stream.
  using Draw = std::function<Value(Graph& graph, std::int64_t count, const std::string& stream)>;
  /// log p(z) in nats for codes z: [batch].
  using LogDensity = std::function<Value(Value z)>;

  /// `name` completes "drawn from": "a standard normal distribution". `log_density` may be left out
  /// where there is none.
  Prior(std::string name, Draw draw, LogDensity log_density = {});
  ~Prior();
  Prior(const Prior&);
  Prior& operator=(const Prior&);

  const std::string& name() const { return name_; }
  Value draw(Graph& graph, std::int64_t count, const std::string& stream) const {
    return draw_(graph, count, stream);
  }
  bool has_log_density() const { return static_cast<bool>(log_density_); }
  Value log_density(Value z) const { return log_density_(z); }

 private:
  std::string name_;
  Draw draw_;
  LogDensity log_density_;
};

/// Codes of `width` independent standard normal numbers.
HOURGLASS_API Prior standard_normal(std::int64_t width);

}  // namespace hourglass
