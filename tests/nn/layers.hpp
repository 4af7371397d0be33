#pragma once

#include <hourglass/config/parse.hpp>
#include <hourglass/nn/layer.hpp>

#include <string>

namespace hourglass::test {

/// The layer that an experiment writes so.
inline LayerOptions layer(const std::string& yaml) {
  static const Schema<LayerOptions> kSchema = schema_of<LayerOptions>();
  config::Problems problems;
  LayerOptions options;
  kSchema.read(config::parse_text(yaml, "layer.yaml"), "layer", problems, options);
  problems.throw_if_any();
  return options;
}

}  // namespace hourglass::test
