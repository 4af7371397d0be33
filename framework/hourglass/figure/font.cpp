#include <hourglass/figure/font.hpp>

#include <ft2build.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

namespace hourglass::figure {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxCharacters = 1000;

std::string font_file(const char* name) {
  constexpr const char* kFolders[] = {"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu",
                                      "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/TTF",
                                      "/usr/local/share/fonts"};
  std::error_code error;
  for (const char* folder : kFolders) {
    const fs::path path = fs::path(folder) / name;
    if (fs::exists(path, error)) return path.string();
  }
  return {};
}

// The next code point; the replacement sign for bytes that are not UTF-8.
std::uint32_t next_character(std::string_view& text) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const int more = first < 0x80       ? 0
                   : first >> 5 == 6  ? 1
                   : first >> 4 == 14 ? 2
                   : first >> 3 == 30 ? 3
                                      : -1;
  if (more < 0 || text.size() <= static_cast<std::size_t>(more)) {
    text.remove_prefix(1);
    return kReplacement;
  }
  std::uint32_t code = more == 0 ? first : first & (0x3fu >> more);
  for (int i = 1; i <= more; ++i) {
    if (byte(static_cast<std::size_t>(i)) >> 6 != 2) {
      text.remove_prefix(1);
      return kReplacement;
    }
    code = code << 6 | (byte(static_cast<std::size_t>(i)) & 0x3fu);
  }
  text.remove_prefix(static_cast<std::size_t>(more) + 1);
  return code;
}

}  // namespace

struct Font::State {
  FT_Library library = nullptr;
  FT_Face regular = nullptr;
  FT_Face bold = nullptr;

  State() {
    if (FT_Init_FreeType(&library) != 0) return;
    if (const char* chosen = std::getenv("HOURGLASS_FONT"); chosen != nullptr && *chosen != '\0') {
      regular = open(chosen);
      return;
    }
    regular = open(font_file("DejaVuSans.ttf"));
    bold = open(font_file("DejaVuSans-Bold.ttf"));
  }

  ~State() {
    if (library != nullptr) FT_Done_FreeType(library);
  }

  FT_Face open(const std::string& path) const {
    FT_Face face = nullptr;
    return !path.empty() && FT_New_Face(library, path.c_str(), 0, &face) == 0 ? face : nullptr;
  }

  FT_Face face(double size, Weight weight) const {
    const FT_Face face = weight == Weight::Bold && bold != nullptr ? bold : regular;
    if (face == nullptr) return nullptr;
    const auto units = static_cast<FT_F26Dot6>(std::lround(std::clamp(size, 1.0, 1000.0) * 64));
    return FT_Set_Char_Size(face, 0, units, 72, 72) == 0 ? face : nullptr;
  }
};

Font::Font() : state_(std::make_unique<State>()) {}
Font::~Font() = default;

bool Font::is_missing() const { return state_->regular == nullptr; }

namespace {

// Calls visit(glyph slot, pen in 1/64 pixels) for each character; returns where the pen ends.
template <class Visit>
FT_Pos walk(FT_Face face, std::string_view text, FT_Int32 flags, Visit&& visit) {
  FT_Pos pen = 0;
  FT_UInt previous = 0;
  for (int count = 0; !text.empty() && count < kMaxCharacters; ++count) {
    const FT_UInt glyph = FT_Get_Char_Index(face, next_character(text));
    FT_Vector kerning{};
    if (previous != 0 &&
        FT_Get_Kerning(face, previous, glyph, FT_KERNING_UNFITTED, &kerning) == 0) {
      pen += kerning.x;
    }
    previous = glyph;
    // Without hinting, letters keep their shape and spacing at every size.
    if (FT_Load_Glyph(face, glyph, flags | FT_LOAD_NO_HINTING) != 0) continue;
    visit(face->glyph, pen);
    pen += face->glyph->linearHoriAdvance >> 10;
  }
  return pen;
}

void stamp(TextMask& mask, const FT_Bitmap& bitmap, int left, int top) {
  for (int y = 0; y < static_cast<int>(bitmap.rows); ++y) {
    for (int x = 0; x < static_cast<int>(bitmap.width); ++x) {
      const int to_x = left + x, to_y = top + y;
      if (to_x < 0 || to_y < 0 || to_x >= mask.width || to_y >= mask.height) continue;
      std::uint8_t& target = mask.coverage[static_cast<std::size_t>(to_y * mask.width + to_x)];
      target = std::max(target, bitmap.buffer[y * bitmap.pitch + x]);
    }
  }
}

}  // namespace

double Font::width(std::string_view text, double size, Weight weight) const {
  const FT_Face face = state_->face(size, weight);
  if (face == nullptr) return 0;
  return static_cast<double>(walk(face, text, FT_LOAD_DEFAULT, [](FT_GlyphSlot, FT_Pos) {})) / 64;
}

TextMask Font::draw(std::string_view text, double size, Weight weight) const {
  TextMask mask;
  const FT_Face face = state_->face(size, weight);
  if (face == nullptr || text.empty()) return mask;
  const FT_Pos length = walk(face, text, FT_LOAD_DEFAULT, [](FT_GlyphSlot, FT_Pos) {});
  const int em = static_cast<int>(std::ceil(size));
  // Letters such as j reach to the left of their place.
  mask.origin = em / 2;
  mask.width = static_cast<int>(length / 64) + 2 * em;
  mask.height = 2 * em;
  mask.baseline = em + em / 4;
  mask.coverage.assign(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height),
                       0);
  walk(face, text, FT_LOAD_DEFAULT, [&](FT_GlyphSlot slot, FT_Pos pen) {
    // The pen's fraction of a pixel goes into the outline, so that letters stand evenly.
    if (slot->format == FT_GLYPH_FORMAT_OUTLINE) FT_Outline_Translate(&slot->outline, pen % 64, 0);
    if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) != 0) return;
    if (slot->bitmap.pixel_mode != FT_PIXEL_MODE_GRAY) return;
    stamp(mask, slot->bitmap, mask.origin + static_cast<int>(pen / 64) + slot->bitmap_left,
          mask.baseline - slot->bitmap_top);
  });
  return mask;
}

bool font_missing() { return Font().is_missing(); }

}  // namespace hourglass::figure
