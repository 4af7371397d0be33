#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/plugin/build_id.hpp>
#include <hourglass/plugin/descriptor.hpp>
#include <hourglass/plugin/note.hpp>

#include <doctest/doctest.h>
#include <elf.h>
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <streambuf>
#include <string>
#include <support/places.hpp>
#include <vector>

using namespace hourglass;

namespace {

const std::string kFolder = HOURGLASS_TEST_PLUGINS;

std::string bytes_of(const std::string& file) {
  std::ifstream in(kFolder + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A stream over bytes that stay where they are: the tests read thousands of them.
class View final : public std::streambuf {
 public:
  View(const std::string& bytes, std::size_t size) {
    char* begin = const_cast<char*>(bytes.data());
    setg(begin, begin, begin + size);
  }

 private:
  pos_type seekoff(off_type offset, std::ios::seekdir from, std::ios::openmode) override {
    char* base = from == std::ios::end ? egptr() : from == std::ios::cur ? gptr() : eback();
    if (offset < eback() - base || offset > egptr() - base) return pos_type(off_type(-1));
    setg(eback(), base + offset, egptr());
    return gptr() - eback();
  }
  pos_type seekpos(pos_type place, std::ios::openmode mode) override {
    return seekoff(off_type(place), std::ios::beg, mode);
  }
};

PluginNote read_bytes(const std::string& bytes, std::size_t size) {
  View view(bytes, size);
  std::istream file(&view);
  return read_plugin_note(file, "x.so");
}

PluginNote read_bytes(const std::string& bytes) { return read_bytes(bytes, bytes.size()); }

// The message with which these bytes are refused; empty when they are not.
std::string note_refusal(const std::string& bytes, std::size_t size) {
  try {
    read_bytes(bytes, size);
    return "";
  } catch (const PluginError& error) {
    return error.what();
  }
}

std::string note_refusal(const std::string& bytes) { return note_refusal(bytes, bytes.size()); }

template <class Field>
void patch(std::string& bytes, std::size_t offset, Field value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

template <class Record>
Record record_at(const std::string& bytes, std::size_t offset) {
  Record record;
  std::memcpy(&record, bytes.data() + offset, sizeof record);
  return record;
}

std::size_t note_offset(const std::string& bytes) {
  const std::uint32_t start[] = {10, sizeof(PluginNoteRecord) - 24, 1};
  return bytes.find(std::string(reinterpret_cast<const char*>(start), sizeof start) + "Hourglass");
}

// Where the last segment of the file ends.
std::size_t mapped_end(const std::string& bytes) {
  const auto header = record_at<Elf64_Ehdr>(bytes, 0);
  std::size_t end = 0;
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = record_at<Elf64_Phdr>(bytes, header.e_phoff + i * sizeof(Elf64_Phdr));
    end = std::max<std::size_t>(end, segment.p_offset + segment.p_filesz);
  }
  return end;
}

// Where the program header of the note segment lies.
std::size_t note_header(const std::string& bytes) {
  const auto header = record_at<Elf64_Ehdr>(bytes, 0);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    const auto segment = record_at<Elf64_Phdr>(bytes, at);
    const std::size_t note = note_offset(bytes);
    if (segment.p_type == PT_NOTE && segment.p_offset <= note &&
        note < segment.p_offset + segment.p_filesz) {
      return at;
    }
  }
  return 0;
}

}  // namespace

TEST_SUITE("plugin/note") {
  TEST_CASE("the note of a plugin in order is read") {
    const PluginNote note = read_bytes(bytes_of("good.so"));
    CHECK(note.api_version == kPluginApiVersion);
    CHECK(note.build_id == HOURGLASS_BUILD_ID);
    CHECK(note.name == "good");
    CHECK(note.version == "1.2.3");
    CHECK(note.description == "A variant for tests");
  }

  TEST_CASE("the note is found without the table of sections, as in a stripped library") {
    std::string bytes = bytes_of("good.so");
    patch(bytes, offsetof(Elf64_Ehdr, e_shoff), std::uint64_t{0});
    patch(bytes, offsetof(Elf64_Ehdr, e_shnum), std::uint16_t{0});
    CHECK(read_bytes(bytes).name == "good");
  }

  TEST_CASE("what is no shared library is refused") {
    const std::string no_elf =
        "x.so: not a shared library: it does not begin as an ELF file; name a file that "
        "hourglass_add_plugin built";
    CHECK(note_refusal("") == no_elf);
    CHECK(note_refusal("\x7f"
                       "ELF") == no_elf);
    CHECK(note_refusal("name: not-a-plugin\nseed: 1\n") == no_elf);

    std::string object = bytes_of("good.so");
    patch(object, offsetof(Elf64_Ehdr, e_type), std::uint16_t{ET_REL});
    CHECK(note_refusal(object) ==
          "x.so: an ELF file of type 1, not a shared library (type 3); name a file that "
          "hourglass_add_plugin built");
  }

  TEST_CASE("libraries for other machines are refused") {
    const std::string good = bytes_of("good.so");
    std::string bytes = good;
    bytes[EI_CLASS] = ELFCLASS32;
    CHECK(note_refusal(bytes) ==
          "x.so: built for 32-bit machines, this build supports 64-bit x86-64; rebuild the plugin");
    bytes = good;
    bytes[EI_DATA] = ELFDATA2MSB;
    CHECK(note_refusal(bytes) ==
          "x.so: built for big-endian machines, this build supports x86-64; rebuild the plugin");
    bytes = good;
    patch(bytes, offsetof(Elf64_Ehdr, e_machine), std::uint16_t{EM_AARCH64});
    CHECK(note_refusal(bytes) ==
          "x.so: built for ELF machine 183, this build supports x86-64 (62); rebuild the plugin");
  }

  TEST_CASE("a library without a note is refused") {
    CHECK(note_refusal(bytes_of("no_note.so")) ==
          "x.so: a shared library without a plugin's note; a plugin has HOURGLASS_PLUGIN(...) in "
          "one source file");
  }

  TEST_CASE("a note for another plugin API is refused, whatever else it holds") {
    const std::string message =
        "x.so: built for plugin API 2, this build supports 1; rebuild the plugin";
    CHECK(note_refusal(bytes_of("wrong_api.so")) == message);
    std::string bytes = bytes_of("wrong_api.so");
    patch(bytes, note_offset(bytes) + 4, std::uint32_t{4});
    CHECK(note_refusal(bytes) == message);
  }

  TEST_CASE("every truncation that cuts what would be mapped is refused") {
    const std::string good = bytes_of("good.so");
    const std::size_t end = mapped_end(good);
    const std::size_t note_end = note_offset(good) + sizeof(PluginNoteRecord);
    CHECK(end > note_end);
    for (std::size_t size = 0; size < end; size += size < note_end ? 1 : 61) {
      if (note_refusal(good, size) == "") FAIL("accepted ", size, " bytes");
    }
    CHECK(note_refusal(good, end - 1) != "");
    CHECK(read_bytes(good, end).name == "good");
    CHECK(note_refusal(good.substr(0, 40)) ==
          "x.so: damaged: its ELF header (64 bytes from byte 0) lies outside the file's 40 bytes; "
          "build or copy it again");
  }

  TEST_CASE("offsets and sizes that lie are refused") {
    const std::string good = bytes_of("good.so");
    const std::string size = std::to_string(good.size());
    std::string bytes = good;
    patch(bytes, offsetof(Elf64_Ehdr, e_phoff), ~std::uint64_t{0});
    CHECK(note_refusal(bytes).starts_with("x.so: damaged: its table of program headers ("));
    CHECK(
        note_refusal(bytes).ends_with(" from byte 18446744073709551615) lies outside the file's " +
                                      size + " bytes; build or copy it again"));
    bytes = good;
    patch(bytes, offsetof(Elf64_Ehdr, e_phentsize), std::uint16_t{32});
    CHECK(note_refusal(bytes) ==
          "x.so: damaged: its program headers have 32 bytes each, ELF says 56; build or copy it "
          "again");
    const std::size_t header = note_header(good);
    bytes = good;
    patch(bytes, header + offsetof(Elf64_Phdr, p_offset), ~std::uint64_t{7});
    CHECK(note_refusal(bytes).starts_with("x.so: damaged: its segment ("));
    bytes = good;
    patch(bytes, header + offsetof(Elf64_Phdr, p_filesz), std::uint64_t{1} << 60);
    CHECK(note_refusal(bytes).starts_with(
        "x.so: damaged: its segment (1152921504606846976 bytes from"));

    const std::string no_note = note_refusal(bytes_of("no_note.so"));
    bytes = good;
    patch(bytes, note_offset(good), ~std::uint32_t{0});
    CHECK(note_refusal(bytes) == no_note);
    bytes = good;
    patch(bytes, note_offset(good) + 4, ~std::uint32_t{0});
    CHECK(note_refusal(bytes) == no_note);
    bytes = good;
    patch(bytes, note_offset(good) + 4, std::uint32_t{8});
    CHECK(note_refusal(bytes) ==
          "x.so: damaged: its note has 8 bytes, plugin API 1 says 548; rebuild the plugin");
    bytes = good;
    patch(bytes, note_offset(good) + 4, std::uint32_t{2});
    CHECK(note_refusal(bytes) == "x.so: damaged: its note is empty; rebuild the plugin");
  }

  TEST_CASE("texts that a terminal should not see are refused") {
    const std::string good = bytes_of("good.so");
    const std::size_t note = note_offset(good);
    std::string bytes = good;
    bytes[note + offsetof(PluginNoteRecord, description)] = '\x1b';
    CHECK(note_refusal(bytes) ==
          "x.so: damaged: the description in its note is not one line of text; rebuild the plugin");
    bytes = good;
    bytes.replace(note + offsetof(PluginNoteRecord, version), 32, 32, '9');
    CHECK(note_refusal(bytes) ==
          "x.so: damaged: the version in its note is not one line of text; rebuild the plugin");
    bytes = good;
    bytes[note + offsetof(PluginNoteRecord, name)] = '/';
    CHECK(note_refusal(bytes) ==
          "x.so: its note names the plugin \"/ood\"; a name has lower-case letters, digits, \"_\" "
          "and \"-\"; rebuild the plugin");
  }

  TEST_CASE("two thousand damaged copies are read or refused, never worse") {
    const std::string good = bytes_of("good.so");
    const std::size_t note = note_offset(good);
    const auto header_end = static_cast<std::uint32_t>(
        sizeof(Elf64_Ehdr) + record_at<Elf64_Ehdr>(good, 0).e_phnum * sizeof(Elf64_Phdr));
    std::string bytes = good;
    int refused = 0;
    for (std::uint64_t round = 0; round < 2000; ++round) {
      RandomStream random(1, "damage", round);
      std::vector<std::size_t> damaged(1 + random.below(6));
      for (std::size_t& place : damaged) {
        // Headers and note are what the reader looks at; damage elsewhere proves little.
        const std::size_t places[] = {random.below(header_end), note + random.below(28),
                                      note + random.below(sizeof(PluginNoteRecord))};
        place = places[random.below(3)];
        bytes[place] = static_cast<char>(random.below(2) == 0 ? random.below(256) : 0xff);
      }
      CAPTURE(round);
      std::string message;
      CHECK_NOTHROW(message = note_refusal(bytes));  // anything but a PluginError
      refused += message != "";
      CHECK((message == "" || message.starts_with("x.so: ")));
      for (const std::size_t place : damaged) bytes[place] = good[place];
    }
    CHECK(refused > 500);
    CHECK(refused < 2000);
  }

  TEST_CASE("a path without a file is a missing file, not a refused one") {
    CHECK_THROWS_WITH_AS(read_plugin_note(std::filesystem::path("/nowhere/x.so")),
                         "/nowhere/x.so: No such file or directory; name a plugin's shared library",
                         DataError);
    CHECK_THROWS_WITH_AS(
        read_plugin_note(std::filesystem::path("/dev/null")),
        "/dev/null: not a regular file; name a file that hourglass_add_plugin built", PluginError);
    CHECK_THROWS_WITH_AS(
        read_plugin_note(std::filesystem::path("/dev")),
        "/dev: a folder; name a file in it, or the folder in HOURGLASS_PLUGIN_PATH", PluginError);
  }

  TEST_CASE("names of plugins are plain") {
    CHECK(is_plugin_name("beta-vae_2"));
    for (const char* name : {"", "Vae", "2vae", "a b", "a/b", "..", "ä"}) {
      CAPTURE(name);
      CHECK_FALSE(is_plugin_name(name));
    }
    CHECK(is_plugin_name(std::string(63, 'a')));
    CHECK_FALSE(is_plugin_name(std::string(64, 'a')));
  }
}
