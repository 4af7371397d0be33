#include <hourglass/core/error.hpp>
#include <hourglass/data/bytes.hpp>

#include <zlib.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

namespace hourglass {
namespace {

constexpr std::uint64_t kDeflateBound = 1032;
constexpr std::size_t kChunk = std::size_t{1} << 18;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void refuse_missing(const std::string& path) {
  const std::string reason = std::strerror(errno);
  // Whoever expects a path to begin elsewhere sees where it was looked for.
  std::error_code error;
  const std::string whole = std::filesystem::absolute(path, error).string();
  const bool relative = !error && whole != path;
  throw DataError(
      text(path, ": ", reason,
           relative ? text("; a relative path begins at the current folder, so this is ", whole)
                    : std::string()));
}

File open_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) refuse_missing(path);
  if (S_ISDIR(status.st_mode)) throw DataError(text(path, ": is a folder, expected a file"));
  // A pipe or a device would have no size to hold a header's promises against, or no end.
  if (!S_ISREG(status.st_mode)) throw DataError(text(path, ": is not a regular file"));
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) throw DataError(text(path, ": ", std::strerror(errno)));
  return file;
}

std::uint64_t size_of_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw DataError(text(path, ": ", std::strerror(errno)));
  return static_cast<std::uint64_t>(status.st_size);
}

class PlainBytes final : public ByteStream {
 public:
  PlainBytes(const std::string& path, std::string name, std::uint64_t offset, std::uint64_t length)
      : file_(open_file(path)), name_(std::move(name)), left_(length) {
    if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) {
      throw DataError(text(name_, ": ", std::strerror(errno)));
    }
  }

  std::size_t read(std::span<std::byte> out) override {
    const std::size_t wanted = std::min<std::uint64_t>(out.size(), left_);
    const std::size_t got = std::fread(out.data(), 1, wanted, file_.get());
    if (got < wanted && std::ferror(file_.get())) {
      throw DataError(text(name_, ": ", std::strerror(errno)));
    }
    left_ -= got;
    return got;
  }
  const std::string& name() const override { return name_; }
  std::uint64_t most() const override { return left_; }

 private:
  File file_;
  std::string name_;
  std::uint64_t left_;
};

enum class Packing { Gzip, Deflate };

class InflatedBytes final : public ByteStream {
 public:
  InflatedBytes(std::unique_ptr<ByteStream> packed, Packing packing)
      : packed_(std::move(packed)), packing_(packing), most_(packed_->most() * kDeflateBound) {
    if (inflateInit2(&zlib_, packing == Packing::Gzip ? 15 + 16 : -15) != Z_OK) {
      throw IoError("zlib cannot start: out of memory");
    }
  }
  ~InflatedBytes() override { inflateEnd(&zlib_); }

  std::size_t read(std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size() && !finished_) {
      zlib_.next_out = reinterpret_cast<Bytef*>(out.data() + done);
      zlib_.avail_out = static_cast<uInt>(std::min(out.size() - done, kChunk));
      const uInt room = zlib_.avail_out;
      inflate_some();
      done += room - zlib_.avail_out;
    }
    return done;
  }
  const std::string& name() const override { return packed_->name(); }
  std::uint64_t most() const override { return most_; }

 private:
  bool refill() {
    if (zlib_.avail_in > 0) return true;
    zlib_.avail_in = static_cast<uInt>(packed_->read(buffer_));
    zlib_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
    return zlib_.avail_in > 0;
  }

  void inflate_some() {
    if (!refill()) {
      throw DataError(text(name(), ": the compressed data end too early; the file is truncated"));
    }
    const int status = inflate(&zlib_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      end_member();
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      throw DataError(text(name(), ": the compressed data are damaged",
                           zlib_.msg == nullptr ? "" : text(" (", zlib_.msg, ")")));
    }
  }

  // A gzip file may hold several members one after another; anything else behind one is damage.
  void end_member() {
    if (!refill()) {
      finished_ = true;
    } else if (packing_ == Packing::Deflate || zlib_.next_in[0] != 0x1f) {
      throw DataError(text(name(), ": more bytes follow the end of the compressed data"));
    } else {
      inflateReset(&zlib_);
    }
  }

  std::unique_ptr<ByteStream> packed_;
  Packing packing_;
  std::uint64_t most_;
  z_stream zlib_{};
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kChunk);
  bool finished_ = false;
};

template <std::size_t kSize>
void reverse_each(std::span<std::byte> bytes) {
  for (std::size_t i = 0; i + kSize <= bytes.size(); i += kSize) {
    std::reverse(bytes.begin() + i, bytes.begin() + i + kSize);
  }
}

}  // namespace

ByteStream::~ByteStream() = default;

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    entries.push_back(at->path());
  }
  if (error) throw DataError(text(folder.string(), ": ", error.message()));
  std::ranges::sort(entries);
  return entries;
}

std::uint64_t memory_of_machine() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
}

void ByteStream::read_exactly(std::span<std::byte> out, std::string_view what) {
  const std::size_t got = read(out);
  if (got < out.size()) {
    throw DataError(text(name(), ": ends inside the ", what, ", which should have ", out.size(),
                         " bytes and has ", got, "; the file is truncated"));
  }
}

void ByteStream::expect_end() {
  std::byte extra;
  if (read({&extra, 1}) != 0) {
    throw DataError(text(name(), ": more bytes follow the array than its header promises"));
  }
}

std::unique_ptr<ByteStream> open_bytes(const std::string& path) {
  const std::uint64_t size = (open_file(path), size_of_file(path));
  std::array<std::byte, 2> magic{};
  PlainBytes(path, path, 0, size).read(magic);
  auto plain = std::make_unique<PlainBytes>(path, path, 0, size);
  if (magic[0] != std::byte{0x1f} || magic[1] != std::byte{0x8b}) return plain;
  return std::make_unique<InflatedBytes>(std::move(plain), Packing::Gzip);
}

std::unique_ptr<ByteStream> open_part(const std::string& path, std::string name,
                                      std::uint64_t offset, std::uint64_t length, bool deflated) {
  auto plain = std::make_unique<PlainBytes>(path, std::move(name), offset, length);
  if (!deflated) return plain;
  return std::make_unique<InflatedBytes>(std::move(plain), Packing::Deflate);
}

Tensor read_elements(ByteStream& stream, const Shape& shape, DType dtype, bool big_endian) {
  const auto bytes = static_cast<std::uint64_t>(shape.size()) * size_of(dtype);
  if (bytes > stream.most()) {
    throw DataError(text(stream.name(), ": the header promises ", shape.to_text(), " elements of ",
                         name_of(dtype), ", ", bytes, " bytes, but the file cannot hold more than ",
                         stream.most()));
  }
  if (bytes > memory_of_machine()) {
    throw DataError(text(stream.name(), ": needs ", bytes >> 20,
                         " MiB of memory, this machine has ", memory_of_machine() >> 20));
  }
  Tensor tensor(shape, dtype, allocate_aligned(bytes));
  read_elements(stream, dtype, big_endian, {tensor.raw(), bytes});
  return tensor;
}

void read_elements(ByteStream& stream, DType dtype, bool big_endian, std::span<std::byte> out) {
  stream.read_exactly(out, "data");
  if (!big_endian) return;
  switch (size_of(dtype)) {
    case 2: reverse_each<2>(out); break;
    case 4: reverse_each<4>(out); break;
    case 8: reverse_each<8>(out); break;
    default: break;
  }
}

Shape checked_shape(std::span<const std::uint64_t> extents, DType dtype, const std::string& name) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  if (extents.size() > Shape::kMaxRank) {
    throw DataError(text(name, ": the array has ", extents.size(), " axes, expected at most ",
                         Shape::kMaxRank));
  }
  // Extents are multiplied as if none were zero, so that no product of some of them overflows.
  std::uint64_t elements = size_of(dtype);
  std::vector<std::int64_t> checked;
  for (const std::uint64_t extent : extents) {
    const std::uint64_t factor = std::max<std::uint64_t>(extent, 1);
    if (factor > kMost / elements) {
      throw DataError(text(name, ": the header's extents multiply to more than 2^62 bytes"));
    }
    elements *= factor;
    checked.push_back(static_cast<std::int64_t>(extent));
  }
  return Shape(checked);
}

}  // namespace hourglass
