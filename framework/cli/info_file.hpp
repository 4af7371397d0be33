#pragma once

#include <filesystem>
#include <string>

namespace hourglass::cli {

/// An HDF5 file as a tree: groups, datasets with type, shape and size, attributes.
/// Throws DataError for what is none.
std::string file_tree(const std::filesystem::path& path);

}  // namespace hourglass::cli
