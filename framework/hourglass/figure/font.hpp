#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::figure {

enum class Weight { Regular, Bold };

/// How much of each pixel a line of text covers, 0 to 255, row by row.
struct TextMask {
  int width = 0;
  int height = 0;
  int baseline = 0;  ///< rows above the baseline
  int origin = 0;    ///< columns before the first letter's place
  std::vector<std::uint8_t> coverage;
};

/// DejaVu Sans, drawn by FreeType: from $HOURGLASS_FONT (a .ttf file), or from where distributions
/// keep it. Where there is none, text has no size and figures come without it.
class HOURGLASS_API Font {
 public:
  Font();
  ~Font();
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;

  bool is_missing() const;
  /// Draws UTF-8 text of a size in pixels; what is not UTF-8 becomes a replacement sign.
  TextMask draw(std::string_view text, double size, Weight weight) const;
  /// The width in pixels that `draw` advances by.
  double width(std::string_view text, double size, Weight weight) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether figures come without text here, so that a caller can say so, once.
HOURGLASS_API bool font_missing();

}  // namespace hourglass::figure
