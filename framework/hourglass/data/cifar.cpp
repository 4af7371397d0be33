#include <hourglass/core/error.hpp>
#include <hourglass/data/bytes.hpp>
#include <hourglass/data/cifar.hpp>
#include <hourglass/data/tar.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <vector>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPixels = 3 * 32 * 32;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  // of all files; CIFAR's have 0.2

/// How the records of a file are made.
struct Form {
  std::size_t label_bytes = 1;
  std::array<int, 2> classes = {10, 0};  // that each label byte may have

  std::size_t record() const { return label_bytes + kPixels; }
};
constexpr Form kTen = {1, {10, 0}};
constexpr Form kHundred = {2, {20, 100}};

struct CifarFile {
  std::string name;
  std::vector<std::byte> bytes;
};

/// `others`: the bytes that other files of the set have.
CifarFile read_whole(ByteStream& stream, std::uint64_t others = 0) {
  CifarFile file{stream.name(), {}};
  constexpr std::size_t kStep = 1 << 22;
  while (true) {
    const std::size_t before = file.bytes.size();
    if (others + before > kMostBytes) {
      throw DataError(text(file.name, ": goes beyond ", kMostBytes, " bytes, too many for CIFAR"));
    }
    file.bytes.resize(before + kStep);
    const std::size_t got = stream.read(std::span(file.bytes).subspan(before));
    file.bytes.resize(before + got);
    if (got < kStep) return file;
  }
}

bool labels_fit(const CifarFile& file, const Form& form) {
  for (std::size_t at = 0; at < file.bytes.size(); at += form.record()) {
    for (std::size_t k = 0; k < form.label_bytes; ++k) {
      if (std::to_integer<int>(file.bytes[at + k]) >= form.classes[k]) return false;
    }
  }
  return true;
}

Form form_of(const CifarFile& file) {
  const auto whole = [&](const Form& form) { return file.bytes.size() % form.record() == 0; };
  if (file.bytes.empty()) throw DataError(text(file.name, ": is empty, expected records of CIFAR"));
  if (!whole(kTen) && !whole(kHundred)) {
    throw DataError(text(file.name, ": has ", file.bytes.size(),
                         " bytes, expected whole records of CIFAR-10 (3073 bytes each) or "
                         "CIFAR-100 (3074)"));
  }
  if (whole(kTen) && whole(kHundred)) return labels_fit(file, kTen) ? kTen : kHundred;
  return whole(kTen) ? kTen : kHundred;
}

std::size_t chosen_label(const Form& form, const ReadOptions& options) {
  const std::string& told = options.labels_array;
  if (form.label_bytes == 1 && told.empty()) return 0;
  if (form.label_bytes == 2 && (told.empty() || told == "fine" || told == "coarse")) {
    return told == "coarse" ? 0 : 1;
  }
  throw OptionError("labels_array",
                    form.label_bytes == 1
                        ? text("is \"", told, "\", but CIFAR-10 has one kind of label")
                        : text("is \"", told, "\", CIFAR-100 has: fine, coarse"));
}

RawSplit split_of(const std::vector<CifarFile>& files, const std::string& path,
                  const ReadOptions& options) {
  const Form form = form_of(files.front());
  const std::size_t label = chosen_label(form, options);
  std::size_t count = 0;
  for (const CifarFile& file : files) {
    if (form_of(file).label_bytes != form.label_bytes) {
      throw DataError(text(file.name, ": is of another CIFAR than ", files.front().name));
    }
    count += file.bytes.size() / form.record();
  }
  const auto samples = static_cast<std::int64_t>(count);
  RawSplit split;
  split.file = path;
  split.samples = Tensor({samples, 3, 32, 32}, DType::U8, allocate_aligned(count * kPixels));
  split.labels.classes = Tensor({samples}, DType::I64);
  std::byte* pixels = split.samples.raw();
  std::int64_t* classes = split.labels.classes.values<std::int64_t>().data();
  for (const CifarFile& file : files) {
    for (std::size_t at = 0; at < file.bytes.size(); at += form.record()) {
      const int value = std::to_integer<int>(file.bytes[at + label]);
      if (value >= form.classes[label]) {
        throw DataError(text(file.name, ": record ", at / form.record(), " has the label ", value,
                             ", expected 0 to ", form.classes[label] - 1));
      }
      *classes++ = value;
      std::memcpy(pixels, file.bytes.data() + at + form.label_bytes, kPixels);
      pixels += kPixels;
    }
  }
  return split;
}

/// The split that a file of the whole set belongs to; empty for other files.
std::string split_named(const fs::path& file) {
  const std::string name = file.filename();
  if (name == "train.bin") return "train";
  if (name == "test.bin" || name == "test_batch.bin") return "test";
  return name.starts_with("data_batch_") && name.ends_with(".bin") ? "train" : "";
}

/// Files by split, in the order of their names: data_batch_10.bin would follow data_batch_9.bin.
using Files = std::map<std::string, std::vector<CifarFile>>;

std::map<std::string, RawSplit> splits_of(Files files, const std::string& path,
                                          const ReadOptions& options) {
  if (!files.contains("train")) {
    throw DataError(text(path,
                         ": holds no CIFAR, expected data_batch_1.bin and others, or "
                         "train.bin"));
  }
  std::map<std::string, RawSplit> splits;
  for (auto& [split, parts] : files) {
    std::ranges::sort(parts, {},
                      [](const CifarFile& file) { return std::pair(file.name.size(), file.name); });
    splits[split] = split_of(parts, path, options);
    parts.clear();
  }
  return splits;
}

std::map<std::string, RawSplit> read_archive(ByteStream& stream, const ReadOptions& options) {
  TarReader tar(stream);
  Files files;
  std::uint64_t bytes = 0;
  while (const auto member = tar.next()) {
    const std::string split = split_named(member->name);
    if (split.empty()) continue;
    files[split].push_back(read_whole(*member->bytes, bytes));
    bytes += files[split].back().bytes.size();
  }
  return splits_of(std::move(files), stream.name(), options);
}

std::map<std::string, RawSplit> read_folder(const std::string& path, const ReadOptions& options) {
  Files files;
  std::uint64_t bytes = 0;
  for (const fs::path& entry : entries_of(path)) {
    const std::string split = split_named(entry);
    if (split.empty()) continue;
    files[split].push_back(read_whole(*open_bytes(entry), bytes));
    bytes += files[split].back().bytes.size();
  }
  return splits_of(std::move(files), path, options);
}

bool is_archive(const std::string& path) {
  std::array<char, 512> head;
  const std::size_t got = open_bytes(path)->read(std::as_writable_bytes(std::span(head)));
  return TarReader::is_tar(std::span(head).first(got));
}

}  // namespace

bool is_cifar_folder(const std::string& path) {
  return std::ranges::any_of(entries_of(path),
                             [](const fs::path& entry) { return split_named(entry) == "train"; });
}

bool has_cifar_size(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  return !error && size > 0 && path.ends_with(".bin") &&
         (size % kTen.record() == 0 || size % kHundred.record() == 0);
}

std::map<std::string, RawSplit> read_cifar(const std::string& path, const ReadOptions& options) {
  std::error_code error;
  if (fs::is_directory(path, error)) return read_folder(path, options);
  const auto stream = open_bytes(path);
  if (is_archive(path)) return read_archive(*stream, options);
  std::map<std::string, RawSplit> splits;
  std::vector<CifarFile> files;
  files.push_back(read_whole(*stream));
  splits[""] = split_of(files, path, options);
  return splits;
}

}  // namespace hourglass
