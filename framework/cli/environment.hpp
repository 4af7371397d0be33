#pragma once

#include <cli/arguments.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/plugin/host.hpp>

namespace hourglass::cli {

/// Where a command finds plugins, descriptors and data, as its options say. It stays where it was
/// made.
class Environment {
 public:
  /// Throws DataError and PluginError for what is wrong with the files of --plugin.
  explicit Environment(const Arguments& arguments);
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  PluginHost& plugins() { return plugins_; }
  const DataPlaces& places() const { return surroundings_.places; }
  Surroundings& surroundings() { return surroundings_; }

 private:
  PluginHost plugins_;
  Surroundings surroundings_;
};

}  // namespace hourglass::cli
