#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

struct RawSplit;

/// How pictures become samples: colour, then size, then the middle, then patches.
struct HOURGLASS_API ImageOptions {
  /// Auto: grey where every picture is, else colour.
  enum class Color { Auto, Grey, Rgb };
  struct HOURGLASS_API Patches {
    std::int64_t size = 0;
    /// From a patch to the next; empty: `size`, side by side.
    std::optional<std::int64_t> stride = {};

    bool operator==(const Patches&) const = default;
    static void describe(Schema<Patches>& schema);
  };

  Color color = Color::Auto;
  std::vector<std::int64_t> resize = {};  ///< [height, width]; empty: as they are
  std::vector<std::int64_t> crop = {};    ///< likewise
  std::optional<Patches> patches = {};

  bool operator==(const ImageOptions&) const = default;
  static void describe(Schema<ImageOptions>& schema);
};

/// Reads the pictures of a folder (png, jpg, jpeg, pgm, ppm, pnm), or one picture, as u8 samples
/// [height, width] or [3, height, width]. Files come in the order of their paths; others, and those
/// that begin with a dot, are passed over. Where the pictures lie in subfolders, these are their
/// classes, in the order of their names, unless they are called train, validation and test: then
/// they are splits, of which each may have classes.
///
/// With `patches`, a sample is a square of a picture: as many as fit, row by row, from its upper
/// left corner on; what remains to the right and below is left out. The patches of a picture stay
/// in one split. Pictures are then held whole, whatever the patches overlap.
///
/// Throws DataError for a folder without pictures, damaged ones, and sizes that differ or do not
/// fit the options.
HOURGLASS_API std::map<std::string, RawSplit> read_images(const std::string& path,
                                                          const ImageOptions& options = {});

}  // namespace hourglass
