#include <hourglass/core/error.hpp>
#include <hourglass/data/npy.hpp>

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace hourglass {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kDirectoryEnd = 0x06054b50;
constexpr std::uint32_t kDirectoryEnd64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::size_t kDirectoryEndSize = 22;
constexpr std::size_t kMostComment = 65535;
constexpr std::uint64_t kMostMembers = 4096;
constexpr std::uint64_t kMostDirectory = std::uint64_t{64} << 20;
constexpr int kStored = 0;
constexpr int kDeflated = 8;

/// Little-endian numbers at checked places of a block of bytes.
class Fields {
 public:
  Fields(std::span<const std::byte> bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  std::uint64_t get(std::size_t at, int width) const {
    check(at, width);
    std::uint64_t value = 0;
    for (int i = width - 1; i >= 0; --i) {
      value = value << 8 | std::to_integer<std::uint64_t>(bytes_[at + i]);
    }
    return value;
  }
  std::uint32_t u16(std::size_t at) const { return static_cast<std::uint32_t>(get(at, 2)); }
  std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(get(at, 4)); }
  std::uint64_t u64(std::size_t at) const { return get(at, 8); }
  std::string string(std::size_t at, std::size_t length) const {
    check(at, length);
    return {reinterpret_cast<const char*>(bytes_.data()) + at, length};
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  void check(std::size_t at, std::size_t length) const {
    if (at > bytes_.size() || length > bytes_.size() - at) {
      throw DataError(text(path_, ": the archive's directory is damaged or cut off"));
    }
  }
  std::span<const std::byte> bytes_;
  const std::string& path_;
};

std::vector<std::byte> read_block(const std::string& path, std::uint64_t size, std::uint64_t offset,
                                  std::uint64_t length) {
  if (offset > size || length > size - offset || length > kMostDirectory) {
    throw DataError(text(path, ": the archive's directory points outside the file"));
  }
  std::vector<std::byte> block(length);
  open_part(path, path, offset, length, false)->read_exactly(block, "archive's directory");
  return block;
}

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;
};

Directory find_directory(const std::string& path, std::uint64_t size) {
  const std::uint64_t length = std::min<std::uint64_t>(size, kDirectoryEndSize + kMostComment);
  const auto tail = read_block(path, size, size - length, length);
  const Fields fields(tail, path);
  for (std::size_t at = length - std::min<std::uint64_t>(length, kDirectoryEndSize) + 1;
       at-- > 0;) {
    if (length - at < kDirectoryEndSize || fields.u32(at) != kDirectoryEnd) continue;
    Directory directory{fields.u16(at + 10), fields.u32(at + 12), fields.u32(at + 16)};
    const bool large = directory.entries == 0xFFFF || directory.bytes == 0xFFFFFFFF ||
                       directory.offset == 0xFFFFFFFF;
    if (!large || at < 20 || fields.u32(at - 20) != kLocator64) return directory;
    const auto end64 = read_block(path, size, fields.u64(at - 20 + 8), 56);
    const Fields wide(end64, path);
    if (wide.u32(0) != kDirectoryEnd64) break;
    return {wide.u64(32), wide.u64(40), wide.u64(48)};
  }
  throw DataError(
      text(path, ": the end of the ZIP archive is missing; the file is truncated or no .npz"));
}

// Values that do not fit into 32 bits stand in an extra field, in this order, and only those.
void widen(const Fields& fields, std::size_t at, std::size_t length,
           std::initializer_list<std::uint64_t*> values) {
  const std::size_t end = at + length;
  while (at + 4 <= end) {
    const std::size_t field_end = at + 4 + fields.u16(at + 2);
    if (fields.u16(at) == 0x0001) {
      std::size_t next = at + 4;
      for (std::uint64_t* value : values) {
        if (*value != 0xFFFFFFFF || next + 8 > std::min(field_end, end)) continue;
        *value = fields.u64(next);
        next += 8;
      }
    }
    at = field_end;
  }
}

/// Passes bytes on and sums them up.
class ChecksummedBytes final : public ByteStream {
 public:
  explicit ChecksummedBytes(ByteStream& inner) : inner_(inner) {}
  std::size_t read(std::span<std::byte> out) override {
    const std::size_t got = inner_.read(out);
    sum_ =
        static_cast<std::uint32_t>(crc32_z(sum_, reinterpret_cast<const Bytef*>(out.data()), got));
    return got;
  }
  const std::string& name() const override { return inner_.name(); }
  std::uint64_t most() const override { return inner_.most(); }
  std::uint32_t sum() const { return sum_; }

 private:
  ByteStream& inner_;
  std::uint32_t sum_ = 0;
};

std::string without_ending(const std::string& name) {
  return name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name;
}

}  // namespace

NpzArchive::NpzArchive(const std::string& path) : path_(path) {
  open_bytes(path);  // says what is wrong with a path that is missing or a folder
  size_ = std::filesystem::file_size(path);
  const Directory directory = find_directory(path, size_);
  if (directory.entries > kMostMembers) {
    throw DataError(
        text(path, ": claims ", directory.entries, " members, expected at most ", kMostMembers));
  }
  const auto block = read_block(path, size_, directory.offset, directory.bytes);
  const Fields fields(block, path_);
  std::size_t at = 0;
  for (std::uint64_t entry = 0; entry < directory.entries; ++entry) {
    if (fields.u32(at) != kDirectoryEntry) {
      throw DataError(text(path, ": the archive's directory is damaged or cut off"));
    }
    Member member;
    member.flags = static_cast<int>(fields.u16(at + 8));
    member.method = static_cast<int>(fields.u16(at + 10));
    member.checksum = fields.u32(at + 16);
    member.packed = fields.u32(at + 20);
    member.unpacked = fields.u32(at + 24);
    member.offset = fields.u32(at + 42);
    const std::size_t name_length = fields.u16(at + 28);
    const std::size_t extra_length = fields.u16(at + 30);
    const std::size_t comment_length = fields.u16(at + 32);
    member.name = without_ending(fields.string(at + 46, name_length));
    widen(fields, at + 46 + name_length, extra_length,
          {&member.unpacked, &member.packed, &member.offset});
    if (find(member.name) != nullptr) {
      throw DataError(text(path, ": holds two arrays named \"", member.name, "\""));
    }
    members_.push_back(std::move(member));
    at += 46 + name_length + extra_length + comment_length;
  }
}

const NpzArchive::Member* NpzArchive::find(std::string_view name) const {
  const auto at = std::ranges::find(members_, name, &Member::name);
  return at == members_.end() ? nullptr : &*at;
}

std::vector<std::string> NpzArchive::names() const {
  std::vector<std::string> names;
  for (const Member& member : members_) names.push_back(member.name);
  return names;
}

bool NpzArchive::contains(std::string_view name) const { return find(name) != nullptr; }

Tensor NpzArchive::read(std::string_view name) const {
  const Member* member = find(name);
  if (member == nullptr) {
    std::string there;
    for (const Member& other : members_) there += text(there.empty() ? "" : ", ", other.name);
    throw DataError(text(path_, ": has no array \"", name,
                         "\"; it holds: ", there.empty() ? "nothing" : there));
  }
  const std::string label = text(path_, ": ", member->name);
  if ((member->flags & 1) != 0) throw DataError(text(label, ": is encrypted"));
  if (member->method != kStored && member->method != kDeflated) {
    throw DataError(text(label, ": is packed by ZIP method ", member->method,
                         ", expected 0 (stored) or 8 (deflated)"));
  }
  const auto header = read_block(path_, size_, member->offset, 30);
  const Fields fields(header, path_);
  if (fields.u32(0) != kLocalHeader) throw DataError(text(label, ": its header is damaged"));
  const std::uint64_t start = member->offset + 30 + fields.u16(26) + fields.u16(28);
  if (start > size_ || member->packed > size_ - start) {
    throw DataError(text(label, ": reaches beyond the end of the file; the file is truncated"));
  }
  const auto stream = open_part(path_, label, start, member->packed, member->method == kDeflated);
  ChecksummedBytes summed(*stream);
  Tensor tensor = read_npy(summed);
  if (summed.sum() != member->checksum) {
    throw DataError(text(label, ": the checksum differs; the file is damaged"));
  }
  return tensor;
}

}  // namespace hourglass
