#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace hourglass {

/// A file that appears whole or not at all. It is written aside, as `.<name>.<pid>.tmp` in the same
/// folder; `commit` flushes it and the folder to the disk and renames it over the target, so that a
/// reader, or a crash at any moment, never meets half a file. Without `commit` the temporary is
/// removed.
///
///     AtomicFile file("runs/a/result.yaml");
///     write_somehow(file.temporary());
///     file.commit();
class HOURGLASS_API AtomicFile {
 public:
  /// The folder of `target` must exist. Nothing is created yet.
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::filesystem::path& target() const { return target_; }
  /// Where to write until `commit`.
  const std::filesystem::path& temporary() const { return temporary_; }
  /// Throws IoError when the file cannot be flushed or renamed.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

/// Throws IoError, naming the path and the system's reason, when the file cannot be written.
HOURGLASS_API void write_file_atomically(const std::filesystem::path& path,
                                         std::span<const std::byte> content);
HOURGLASS_API void write_file_atomically(const std::filesystem::path& path,
                                         std::string_view content);

/// Throws DataError when `from` is missing, IoError when `to` cannot be written.
HOURGLASS_API void copy_file_atomically(const std::filesystem::path& from,
                                        const std::filesystem::path& to);

/// Removes the temporaries that a killed process left behind in `folder`, not below it. Only for
/// the one process that owns the folder: a temporary in use would go too.
HOURGLASS_API void remove_temporaries(const std::filesystem::path& folder);

/// A file's whole content. Throws DataError when it is missing, not a regular file, or larger than
/// `max_bytes`.
HOURGLASS_API std::string read_text_file(const std::filesystem::path& path,
                                         std::uint64_t max_bytes = std::uint64_t{64} << 20);

}  // namespace hourglass
