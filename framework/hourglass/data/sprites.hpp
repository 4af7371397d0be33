#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/labels.hpp>
#include <hourglass/data/lazy_samples.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// One white shape on black, 64 x 64 or smaller, for every combination of five factors: the grid of
/// dSprites (L. Matthey et al., 2017), drawn by ourselves. Factors, outermost first:
///
///     shape        square, ellipse, heart
///     scale        0.5, 0.6, 0.7, 0.8, 0.9, 1
///     orientation  2 pi k / 40, anticlockwise; k = 0 and 40 are the same, so there are 40
///     x            k / 31; one step is one pixel to the right
///     y            k / 31; one step is one pixel downwards
///
/// A pixel is 1 where its middle lies inside, else 0, as in dSprites: then the Bernoulli likelihood
/// is exact. At a scale the shapes have about the same area, and they turn about its centre, so
/// neither ink nor its middle tells shape or orientation. Images of 32 x 32 are every second pixel
/// of every second row of these, and so 0 or 1 as well.
namespace hourglass::sprites {

inline constexpr std::int64_t kSide = 64;
inline constexpr std::int64_t kSmallSide = 32;
inline constexpr std::size_t kFactors = 5;
inline constexpr std::array<int, kFactors> kSizes = {3, 6, 40, 32, 32};
inline constexpr std::array<std::string_view, kFactors> kNames = {"shape", "scale", "orientation",
                                                                  "x", "y"};
inline constexpr std::array<std::string_view, 3> kShapes = {"square", "ellipse", "heart"};

/// Which of its values, counted from 0, each factor has.
using Classes = std::array<int, kFactors>;

/// Draws one into `pixels` [64, 64] or [32, 32].
HOURGLASS_API void draw(const Classes& classes, std::span<std::uint8_t> pixels);
/// The value that a class of factor `factor` stands for: 1, 2, 3 for shapes.
HOURGLASS_API float value_of(std::size_t factor, int which);

/// Which part of the grid there is.
struct HOURGLASS_API Options {
  std::vector<std::string> shapes = {"square", "ellipse", "heart"};
  /// How many values of each of the other factors, spread evenly over all.
  int scales = 6;
  int orientations = 40;
  int x = 32;
  int y = 32;
  /// Of an image, in pixels: kSide or kSmallSide.
  std::int64_t side = kSide;
  /// A counted random choice of so many of the grid's images; all if empty.
  std::optional<std::int64_t> count = {};
  std::int64_t seed = 1;

  bool operator==(const Options&) const = default;
  static void describe(Schema<Options>& schema);
};

/// A grid of images in its order, the last factor fastest.
struct SpriteSet {
  /// u8 [images, side, side], each drawn when it is asked for.
  std::shared_ptr<const LazySamples> images;
  /// The shape as class; the values of all factors, and their classes within this grid.
  Labels labels;
};

/// Throws OptionError ("sprites.count") for more images than the grid has.
HOURGLASS_API SpriteSet make_set(const Options& options);

}  // namespace hourglass::sprites
