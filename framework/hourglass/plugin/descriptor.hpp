#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hourglass {

class Registry;

/// The protocol between the program and a plugin's file, raised whenever the note, the descriptor
/// or the meaning of the entry point changes.
inline constexpr std::uint32_t kPluginApiVersion = 1;
/// The function that every plugin exports; it returns its PluginDescriptor.
inline constexpr const char* kPluginEntryPoint = "hourglass_plugin";

/// True for the name of a plugin: lower-case letters, digits, "_" and "-", beginning with a letter,
/// at most 63 of them.
constexpr bool is_plugin_name(std::string_view name) {
  if (name.empty() || name.size() > 63 || name[0] < 'a' || name[0] > 'z') return false;
  for (const char c : name) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != '_' && c != '-') return false;
  }
  return true;
}

/// True for text that can be shown as one line on a terminal: no control characters, none missing.
constexpr bool is_plugin_text(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return false;
  }
  return !text.empty();
}

/// What a loaded plugin says of itself, in constant memory of its library. `api_version` stands
/// first in every version of the protocol.
struct PluginDescriptor {
  std::uint32_t api_version;
  const char* build_id;
  const char* name;
  const char* version;
  const char* description;
  /// Hands over what the plugin offers; the only function that the host calls unasked.
  void (*register_with)(Registry& registry);
};

/// The same identity as an ELF note, which can be read without running any of the library's code.
/// Texts end with a zero byte. The name "Hourglass" and `api_version` stand first, at the same
/// place, in every version of the protocol.
struct PluginNoteRecord {
  static constexpr std::uint32_t kType = 1;
  static constexpr char kOwner[] = "Hourglass";

  std::uint32_t owner_size = sizeof kOwner;
  std::uint32_t content_size = 4 + 192 + 64 + 32 + 256;
  std::uint32_t type = kType;
  char owner[12] = {'H', 'o', 'u', 'r', 'g', 'l', 'a', 's', 's'};
  std::uint32_t api_version = 0;
  char build_id[192] = {};
  char name[64] = {};
  char version[32] = {};
  char description[256] = {};
};
static_assert(sizeof(PluginNoteRecord) == 24 + 4 + 192 + 64 + 32 + 256);
static_assert(offsetof(PluginNoteRecord, api_version) == 24);

namespace detail {

template <std::size_t size>
consteval void fill(char (&field)[size], std::string_view text) {
  if (text.size() >= size) throw "a text of the plugin's note is too long";
  if (!is_plugin_text(text)) throw "a text of the plugin's note is empty or not one line";
  for (std::size_t i = 0; i < text.size(); ++i) field[i] = text[i];
}

/// Does not compile for texts that do not fit.
consteval PluginNoteRecord note_record(std::uint32_t api_version, std::string_view build_id,
                                       std::string_view name, std::string_view version,
                                       std::string_view description) {
  PluginNoteRecord record;
  record.api_version = api_version;
  fill(record.build_id, build_id);
  fill(record.name, name);
  fill(record.version, version);
  fill(record.description, description);
  return record;
}

}  // namespace detail

}  // namespace hourglass
