#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/experiment/experiment.hpp>
#include <hourglass/plugin/host.hpp>

#include <filesystem>
#include <vector>

namespace hourglass {

/// Where experiments find what they name: plugins, descriptors, data files.
struct HOURGLASS_API Surroundings {
  PluginHost& plugins;
  DataPlaces places;

  /// What experiment files may name here.
  Vocabulary vocabulary() const;
};

/// The folders of descriptors that belong to this program: the source tree's or the installed ones.
HOURGLASS_API std::vector<std::filesystem::path> descriptor_folders();

/// Data below `root`, known by the program's descriptors and by those that lie in `root` itself.
HOURGLASS_API DataPlaces data_places(const std::filesystem::path& root);

}  // namespace hourglass
