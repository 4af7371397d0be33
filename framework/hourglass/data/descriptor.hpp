#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/fetch.hpp>
#include <hourglass/data/read_data.hpp>
#include <hourglass/data/scaling.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hourglass {

/// One file of a data set: its name below the data set's folder, where it can be had, and how to
/// know it.
struct HOURGLASS_API DescribedFile {
  std::string name;
  std::vector<std::string> addresses;
  std::string sha256;      ///< empty: not known
  std::int64_t bytes = 0;  ///< 0: not known, or a folder

  RemoteFile remote() const;
  static void describe(Schema<DescribedFile>& schema);
};

/// The files of one split; labels may lie in a file of their own. Files that hold several splits
/// are named for each.
struct HOURGLASS_API DescribedSplit {
  DescribedFile samples;
  /// Files of the same kind whose samples follow.
  std::vector<DescribedFile> further;
  std::optional<DescribedFile> labels;

  static void describe(Schema<DescribedSplit>& schema);
};

/// A data set that is known by name: datasets/<name>.yaml.
struct HOURGLASS_API Descriptor {
  std::string name;
  std::string title;
  DataFormat format = DataFormat::Idx;
  /// Where its files lie below the data root; empty: in a folder of its name.
  std::string folder;
  /// Of one sample; empty: as the files say.
  std::vector<std::int64_t> shape;
  Scaling scaling = Scaling::Auto;
  /// "train" and, if there is one, "test"; none for what is drawn.
  std::map<std::string, DescribedSplit> files;
  TableOptions table;
  std::string array;
  std::string labels_array;
  std::string factor_classes_array;
  std::vector<std::string> factor_names;
  std::string feature_names_array;
  std::optional<bool> in_memory;
  std::optional<ImageOptions> images;
  std::optional<sprites::Options> sprites;
  std::optional<features::Options> features;
  std::vector<std::string> class_names;
  std::string licence;
  std::string citation;

  std::filesystem::path folder_in(const std::filesystem::path& data_root) const;
  /// Every file, samples before labels.
  std::vector<DescribedFile> all_files() const;
  /// How its files are read, as far as it says.
  ReadOptions read_options() const;
  static void describe(Schema<Descriptor>& schema);
};

/// Reads a descriptor. Throws ConfigError with every fault and its place.
HOURGLASS_API Descriptor read_descriptor(const std::filesystem::path& path);

/// The names of the descriptors in `folders`, sorted, each once.
HOURGLASS_API std::vector<std::string> descriptor_names(
    std::span<const std::filesystem::path> folders);
/// The descriptor `name` from the first folder that has it. Throws ConfigError, with the nearest
/// names, when none has.
HOURGLASS_API Descriptor find_descriptor(const std::string& name,
                                         std::span<const std::filesystem::path> folders);

/// The folder of data files: `told` (--data-root), else $HOURGLASS_DATA, else datasets/cache.
HOURGLASS_API std::filesystem::path data_root(const std::string& told = "");

/// Names that an experiment file and a descriptor may use for scalings.
HOURGLASS_API Names<Scaling> scaling_choices();

}  // namespace hourglass
