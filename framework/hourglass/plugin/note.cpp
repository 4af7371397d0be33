#include <hourglass/core/error.hpp>
#include <hourglass/plugin/descriptor.hpp>
#include <hourglass/plugin/note.hpp>

#include <elf.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <istream>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace hourglass {

namespace {

// Notes are a few hundred bytes; a segment that claims more holds nothing of ours.
constexpr std::uint64_t kLongestNotes = 64 * 1024;

constexpr const char* kBuildPlugin = "name a file that hourglass_add_plugin built";
constexpr const char* kCopyAgain = "build or copy it again";
constexpr const char* kRebuildPlugin = "rebuild the plugin";

// The bytes of one file, read piece by piece so that nothing is trusted before it is checked.
class ElfFile {
 public:
  ElfFile(std::istream& file, const std::string& name) : file_(file), name_(name) {
    file_.seekg(0, std::ios::end);
    const std::streamoff end = file_.tellg();
    if (!file_ || end < 0) refuse("cannot be read", "check the file and its permissions");
    size_ = static_cast<std::uint64_t>(end);
  }

  [[noreturn]] void refuse(const std::string& found, const std::string& next) const {
    throw PluginError(text(name_, ": ", found, "; ", next));
  }

  std::uint64_t size() const { return size_; }

  void check_inside(std::uint64_t offset, std::uint64_t count, const char* what) const {
    if (offset <= size_ && count <= size_ - offset) return;
    refuse(text("damaged: its ", what, " (", count, " bytes from byte ", offset,
                ") lies outside the file's ", size_, " bytes"),
           kCopyAgain);
  }

  std::vector<char> bytes(std::uint64_t offset, std::uint64_t count, const char* what) {
    check_inside(offset, count, what);
    std::vector<char> bytes(count);
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(bytes.data(), static_cast<std::streamsize>(count));
    if (!file_) refuse(text("its ", what, " cannot be read"), "check the file and its disk");
    return bytes;
  }

  template <class Record>
  Record record(std::uint64_t offset, const char* what) {
    Record record;
    std::memcpy(&record, bytes(offset, sizeof record, what).data(), sizeof record);
    return record;
  }

 private:
  std::istream& file_;
  const std::string& name_;
  std::uint64_t size_ = 0;
};

void check_identification(ElfFile& file) {
  if (file.size() < EI_NIDENT ||
      std::memcmp(file.bytes(0, SELFMAG, "header").data(), ELFMAG, SELFMAG) != 0) {
    file.refuse("not a shared library: it does not begin as an ELF file", kBuildPlugin);
  }
  const std::vector<char> identification = file.bytes(0, EI_NIDENT, "header");
  if (identification[EI_CLASS] == ELFCLASS32) {
    file.refuse("built for 32-bit machines, this build supports 64-bit x86-64", kRebuildPlugin);
  }
  if (identification[EI_CLASS] != ELFCLASS64 || identification[EI_VERSION] != EV_CURRENT) {
    file.refuse("damaged: its ELF header names no known class or version", kCopyAgain);
  }
  if (identification[EI_DATA] != ELFDATA2LSB) {
    file.refuse("built for big-endian machines, this build supports x86-64", kRebuildPlugin);
  }
}

Elf64_Ehdr read_header(ElfFile& file) {
  check_identification(file);
  const auto header = file.record<Elf64_Ehdr>(0, "ELF header");
  if (header.e_machine != EM_X86_64) {
    file.refuse(text("built for ELF machine ", header.e_machine, ", this build supports x86-64 (",
                     EM_X86_64, ")"),
                kRebuildPlugin);
  }
  if (header.e_type != ET_DYN) {
    file.refuse(
        text("an ELF file of type ", header.e_type, ", not a shared library (type ", ET_DYN, ")"),
        kBuildPlugin);
  }
  if (header.e_phnum != 0 && header.e_phentsize != sizeof(Elf64_Phdr)) {
    file.refuse(text("damaged: its program headers have ", header.e_phentsize,
                     " bytes each, ELF says ", sizeof(Elf64_Phdr)),
                kCopyAgain);
  }
  return header;
}

std::uint64_t aligned(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// The first note of ours among those of a segment, from its owner's name on.
std::optional<std::span<const char>> find_note(std::span<const char> notes,
                                               std::uint64_t alignment) {
  std::uint64_t at = 0;
  while (notes.size() - at >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    std::memcpy(&header, notes.data() + at, sizeof header);
    // Both sizes have 32 bits, so that these sums cannot overflow.
    const std::uint64_t owner = at + sizeof header;
    const std::uint64_t content = aligned(owner + header.n_namesz, alignment);
    const std::uint64_t end = content + header.n_descsz;
    if (end > notes.size()) return std::nullopt;
    const bool ours = header.n_type == PluginNoteRecord::kType &&
                      header.n_namesz == sizeof PluginNoteRecord::kOwner &&
                      std::memcmp(notes.data() + owner, PluginNoteRecord::kOwner,
                                  sizeof PluginNoteRecord::kOwner) == 0;
    if (ours) return notes.subspan(content, header.n_descsz);
    at = std::min<std::uint64_t>(aligned(end, alignment), notes.size());
  }
  return std::nullopt;
}

std::vector<Elf64_Phdr> read_segments(ElfFile& file) {
  const Elf64_Ehdr header = read_header(file);
  const std::vector<char> table =
      file.bytes(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr), "table of program headers");
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!segments.empty()) std::memcpy(segments.data(), table.data(), table.size());
  // The system maps segments unseen, and a process that touches a page behind the end of its file
  // is killed.
  for (const Elf64_Phdr& segment : segments) {
    file.check_inside(segment.p_offset, segment.p_filesz, "segment");
  }
  return segments;
}

std::vector<char> find_note(ElfFile& file) {
  for (const Elf64_Phdr& segment : read_segments(file)) {
    if (segment.p_type != PT_NOTE || segment.p_filesz > kLongestNotes) continue;
    const std::vector<char> notes = file.bytes(segment.p_offset, segment.p_filesz, "note segment");
    const auto found = find_note(notes, segment.p_align == 8 ? 8 : 4);
    if (found) return {found->begin(), found->end()};
  }
  file.refuse("a shared library without a plugin's note",
              "a plugin has HOURGLASS_PLUGIN(...) in one source file");
}

template <std::size_t size>
std::string field(const ElfFile& file, const char (&bytes)[size], const char* what) {
  const std::string_view value(bytes, ::strnlen(bytes, size));
  if (value.size() == size || !is_plugin_text(value)) {
    file.refuse(text("damaged: the ", what, " in its note is not one line of text"),
                kRebuildPlugin);
  }
  return std::string(value);
}

}  // namespace

PluginNote read_plugin_note(std::istream& stream, const std::string& name) {
  ElfFile file(stream, name);
  const std::vector<char> content = find_note(file);
  std::uint32_t api_version = 0;
  if (content.size() < sizeof api_version) {
    file.refuse("damaged: its note is empty", kRebuildPlugin);
  }
  std::memcpy(&api_version, content.data(), sizeof api_version);
  if (api_version != kPluginApiVersion) {
    file.refuse(
        text("built for plugin API ", api_version, ", this build supports ", kPluginApiVersion),
        kRebuildPlugin);
  }
  PluginNoteRecord record;
  constexpr std::size_t kStart = offsetof(PluginNoteRecord, api_version);
  if (content.size() != sizeof record - kStart) {
    file.refuse(text("damaged: its note has ", content.size(), " bytes, plugin API ",
                     kPluginApiVersion, " says ", sizeof record - kStart),
                kRebuildPlugin);
  }
  std::memcpy(reinterpret_cast<char*>(&record) + kStart, content.data(), content.size());
  PluginNote note{api_version, field(file, record.build_id, "build id"),
                  field(file, record.name, "name"), field(file, record.version, "version"),
                  field(file, record.description, "description")};
  if (!is_plugin_name(note.name)) {
    file.refuse(text("its note names the plugin \"", note.name,
                     "\"; a name has lower-case letters, digits, \"_\" and \"-\""),
                kRebuildPlugin);
  }
  return note;
}

PluginNote read_plugin_note(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    const std::string reason = error ? error.message() : "No such file or directory";
    throw DataError(text(path.native(), ": ", reason, "; name a plugin's shared library"));
  }
  if (std::filesystem::is_directory(status)) {
    throw PluginError(text(
        path.native(), ": a folder; name a file in it, or the folder in HOURGLASS_PLUGIN_PATH"));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw PluginError(text(path.native(), ": not a regular file; ", kBuildPlugin));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw PluginError(text(path.native(), ": cannot be opened: ", std::strerror(errno),
                           "; check its permissions"));
  }
  return read_plugin_note(file, path.native());
}

}  // namespace hourglass
