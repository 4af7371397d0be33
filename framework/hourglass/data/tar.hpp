#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/bytes.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hourglass {

/// The files in a tar archive (ustar and what GNU and POSIX made of it), one after another, as the
/// bytes go by: nothing is unpacked to the disk.
///
///     const auto bytes = open_bytes("set.tar.gz");
///     TarReader tar(*bytes);
///     while (const auto member = tar.next()) read_somehow(*member->bytes);
class HOURGLASS_API TarReader {
 public:
  struct Member {
    std::string name;  ///< with its folders, as the archive has it
    std::uint64_t size = 0;
    std::unique_ptr<ByteStream> bytes;  ///< good until the next call of `next`
  };

  /// `stream` must outlive the reader.
  explicit TarReader(ByteStream& stream) : stream_(stream) {}
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  /// The next regular file; links, folders and devices are passed over. Empty at the end. Throws
  /// DataError where a header's checksum does not agree and where the archive is cut off.
  std::optional<Member> next();

  /// Whether a file that begins so, 512 bytes of it, is an archive.
  static bool is_tar(std::span<const char> head);

 private:
  class MemberBytes;
  void skip(std::uint64_t bytes);

  ByteStream& stream_;
  std::uint64_t left_ = 0;  // of the member, and of what fills its last block
  std::uint64_t padding_ = 0;
};

}  // namespace hourglass
