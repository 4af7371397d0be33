#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/bytes.hpp>
#include <hourglass/data/images.hpp>
#include <hourglass/data/read_data.hpp>
#include <hourglass/data/resize.hpp>
#include <hourglass/storage/picture.hpp>

#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <utility>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPictures = 50'000'000;
constexpr int kMostDepth = 16;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

std::vector<fs::path> shown_entries(const fs::path& folder) {
  std::vector<fs::path> entries = entries_of(folder);
  std::erase_if(entries, is_hidden);
  return entries;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// All pictures below a folder.
void add_pictures(const fs::path& folder, std::vector<fs::path>& pictures, int depth = 1) {
  if (depth > kMostDepth) {  // a link may lead round in a circle
    throw DataError(text(folder.string(), ": lies more than ", kMostDepth, " folders deep"));
  }
  for (const fs::path& entry : shown_entries(folder)) {
    if (is_folder(entry)) {
      add_pictures(entry, pictures, depth + 1);
    } else if (picture::has_picture_ending(entry)) {
      pictures.push_back(entry);
    }
    if (pictures.size() > kMostPictures) {
      throw DataError(text(folder.string(), ": has more than ", kMostPictures, " pictures"));
    }
  }
}

struct Listing {
  std::vector<fs::path> pictures;
  std::vector<std::int64_t> classes;  // empty where no subfolders tell them
  std::vector<std::string> class_names;
};

Listing list(const fs::path& folder) {
  Listing listing;
  std::vector<fs::path> loose;
  for (const fs::path& entry : shown_entries(folder)) {
    if (!is_folder(entry)) {
      if (picture::has_picture_ending(entry)) loose.push_back(entry);
      continue;
    }
    add_pictures(entry, listing.pictures);
    if (listing.pictures.size() == listing.classes.size()) continue;  // without pictures
    listing.classes.resize(listing.pictures.size(), std::ssize(listing.class_names));
    listing.class_names.push_back(entry.filename());
  }
  if (loose.empty()) return listing;
  if (!listing.pictures.empty()) {
    throw DataError(text(folder.string(), ": has pictures beside its subfolders (",
                         loose.front().filename().string(), ") and within them (",
                         listing.pictures.front().lexically_relative(folder).string(),
                         "); the subfolders are classes, so move these pictures into one"));
  }
  return {std::move(loose), {}, {}};
}

std::string size_text(std::int64_t height, std::int64_t width) {
  return text(height, " x ", width);
}

/// Runs body(i) for all i below `count` on the team, and throws what the first of them threw.
void for_each_picture(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::mutex mutex;
  std::exception_ptr failure;
  std::size_t failed = count;
  std::atomic<std::size_t> next = 0;
  parallel_for(thread_count(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t worker = begin; worker < end; ++worker) {
      for (std::size_t i = next++; i < count; i = next++) {
        try {
          body(i);
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (i < failed) failure = std::current_exception();
          failed = std::min(failed, i);
          next = count;
        }
      }
    }
  });
  if (failure) std::rethrow_exception(failure);
}

/// Pictures that are all brought to one form, which `settle` chooses.
class Pictures {
 public:
  Pictures(std::vector<fs::path> paths, const ImageOptions& options)
      : paths_(std::move(paths)), options_(options), sizes_(paths_.size()) {
    for_each_picture(paths_.size(),
                     [&](std::size_t i) { sizes_[i] = picture::read_header(paths_[i]); });
  }

  bool all_grey() const {
    return std::ranges::all_of(sizes_, [](const auto& each) { return each.channels == 1; });
  }
  void settle(bool grey) {
    for (picture::Header& size : sizes_) {
      size.channels = grey ? 1 : 3;
      if (!options_.resize.empty()) {
        size.height = options_.resize[0];
        size.width = options_.resize[1];
      }
    }
    if (!options_.crop.empty()) crop_sizes();
  }

  std::size_t count() const { return paths_.size(); }
  const fs::path& path(std::size_t i) const { return paths_[i]; }
  /// As it will be.
  const picture::Header& size(std::size_t i) const { return sizes_[i]; }

  /// Writes picture `i` in planes, u8 [channels, height, width].
  void read(std::size_t i, std::uint8_t* out) const {
    Tensor pixels = picture::read(paths_[i]);
    pixels = sizes_[i].channels == 1 ? to_grey(pixels) : to_rgb(pixels);
    if (!options_.resize.empty()) {
      pixels = resized(pixels, options_.resize[0], options_.resize[1]);
    }
    if (!options_.crop.empty()) {
      pixels = cropped(pixels, std::min(options_.crop[0], pixels.shape()[0]),
                       std::min(options_.crop[1], pixels.shape()[1]));
    }
    const bool same =
        pixels.shape() == Shape{sizes_[i].height, sizes_[i].width, sizes_[i].channels};
    if (!same) throw DataError(text(paths_[i].string(), ": has changed while it was read"));
    to_planes(pixels, out);
  }

 private:
  void crop_sizes() {
    for (std::size_t i = 0; i < count(); ++i) {
      if (sizes_[i].height < options_.crop[0] || sizes_[i].width < options_.crop[1]) {
        throw DataError(text(paths_[i].string(), ": the picture is ",
                             size_text(sizes_[i].height, sizes_[i].width),
                             " (rows x columns), too small to crop to ",
                             size_text(options_.crop[0], options_.crop[1]),
                             "; choose a smaller images.crop, or images.resize before it"));
      }
      sizes_[i].height = options_.crop[0];
      sizes_[i].width = options_.crop[1];
    }
  }

  std::vector<fs::path> paths_;
  ImageOptions options_;
  std::vector<picture::Header> sizes_;
};

void check_memory(double bytes, const std::string& folder) {
  const auto most = static_cast<double>(memory_of_machine());
  if (bytes <= most) return;
  throw DataError(text(folder, ": its pictures need ", static_cast<std::int64_t>(bytes / 1048576),
                       " MiB of memory, this machine has ",
                       static_cast<std::int64_t>(most / 1048576),
                       "; make them smaller with images.resize or images.color"));
}

Shape sample_shape(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return channels == 1 ? Shape{height, width} : Shape{channels, height, width};
}

void check_equal_sizes(const Pictures& pictures) {
  const picture::Header& first = pictures.size(0);
  for (std::size_t i = 1; i < pictures.count(); ++i) {
    const picture::Header& other = pictures.size(i);
    if (other.height == first.height && other.width == first.width) continue;
    throw DataError(text(pictures.path(i).string(), ": is ", size_text(other.height, other.width),
                         " pixels (rows x columns), but ", pictures.path(0).string(), " is ",
                         size_text(first.height, first.width),
                         "; samples have one size: an experiment can set images.resize, "
                         "images.crop or images.patches, a command takes one such picture at a "
                         "time"));
  }
}

Tensor whole_pictures(const Pictures& pictures, const std::string& folder) {
  check_equal_sizes(pictures);
  const picture::Header& size = pictures.size(0);
  const Shape sample = sample_shape(size.channels, size.height, size.width);
  const auto count = static_cast<std::int64_t>(pictures.count());
  check_memory(static_cast<double>(sample.size()) * static_cast<double>(count), folder);
  const Shape shape = sample.prepended(count);
  Tensor samples(shape, DType::U8, allocate_aligned(static_cast<std::size_t>(shape.size())));
  std::uint8_t* const to = samples.values<std::uint8_t>().data();
  for_each_picture(pictures.count(), [&](std::size_t i) {
    pictures.read(i, to + static_cast<std::int64_t>(i) * sample.size());
  });
  return samples;
}

/// Squares of pictures that are held whole.
class PatchSamples final : public LazySamples {
 public:
  PatchSamples(const Pictures& pictures, const ImageOptions::Patches& options,
               const std::string& folder)
      : side_(options.size), stride_(options.stride.value_or(options.size)) {
    double bytes = 0;
    for (std::size_t i = 0; i < pictures.count(); ++i) {
      const picture::Header& size = pictures.size(i);
      if (size.height < side_ || size.width < side_) {
        throw DataError(text(pictures.path(i).string(), ": the picture is ",
                             size_text(size.height, size.width),
                             " (rows x columns), too small for patches of ", side_,
                             "; choose a smaller images.patches.size, or images.resize"));
      }
      bytes += static_cast<double>(size.height) * static_cast<double>(size.width) *
               static_cast<double>(size.channels);
      const std::int64_t patches = grid(size.height) * grid(size.width);
      if (patches > 0xFFFFFFFF - count()) {
        throw DataError(text(folder,
                             ": has 2^32 patches and more; choose a larger "
                             "images.patches.stride"));
      }
      first_.push_back(count() + patches);
    }
    check_memory(bytes, folder);
    channels_ = pictures.size(0).channels;
    shape_ = sample_shape(channels_, side_, side_).prepended(count());
    planes_.resize(pictures.count());
    for_each_picture(pictures.count(), [&](std::size_t i) {
      const picture::Header& size = pictures.size(i);
      planes_[i] = Tensor({size.channels, size.height, size.width}, DType::U8);
      pictures.read(i, planes_[i].values<std::uint8_t>().data());
    });
  }

  const Shape& shape() const override { return shape_; }
  DType dtype() const override { return DType::U8; }
  void read(std::span<const std::uint32_t> rows, std::byte* out) const override {
    auto* to = reinterpret_cast<std::uint8_t*>(out);
    for (const std::uint32_t row : rows) to = read_one(row, to);
  }
  std::uint32_t checksum() const override {
    uLong sum = crc32(0, nullptr, 0);
    for (const Tensor& each : planes_) {
      const std::int64_t sizes[] = {each.shape()[1], each.shape()[2], side_, stride_};
      sum = crc32(sum, reinterpret_cast<const Bytef*>(sizes), sizeof sizes);
      sum = crc32_z(sum, reinterpret_cast<const Bytef*>(each.raw()), each.bytes());
    }
    return static_cast<std::uint32_t>(sum);
  }

  /// How many each picture has.
  Rows patches_of_pictures() const {
    Rows counts;
    for (std::size_t i = 0; i < planes_.size(); ++i) {
      counts.push_back(static_cast<std::uint32_t>(first_[i + 1] - first_[i]));
    }
    return counts;
  }

 private:
  std::int64_t count() const { return first_.back(); }
  std::int64_t grid(std::int64_t extent) const { return (extent - side_) / stride_ + 1; }

  std::uint8_t* read_one(std::uint32_t row, std::uint8_t* to) const {
    const auto after = std::ranges::upper_bound(first_, std::int64_t{row});
    const auto number = static_cast<std::size_t>(after - first_.begin()) - 1;
    const Tensor& picture = planes_[number];
    const std::int64_t height = picture.shape()[1], width = picture.shape()[2];
    const std::int64_t place = row - first_[number];
    const std::int64_t top = place / grid(width) * stride_, left = place % grid(width) * stride_;
    for (std::int64_t c = 0; c < channels_; ++c) {
      const std::uint8_t* from = picture.values<std::uint8_t>().data() + c * height * width;
      for (std::int64_t y = top; y < top + side_; ++y) {
        to = std::copy_n(from + y * width + left, side_, to);
      }
    }
    return to;
  }

  std::int64_t side_;
  std::int64_t stride_;
  std::int64_t channels_ = 1;
  Shape shape_;
  std::vector<Tensor> planes_;             // of each picture, [channels, h, w]
  std::vector<std::int64_t> first_ = {0};  // patch of each picture, and the end of all
};

/// A split's pictures, of which only the headers have been read.
struct FoundPictures {
  std::string folder;
  Pictures pictures;
  std::vector<std::int64_t> classes;
  std::vector<std::string> class_names;
};

FoundPictures find_pictures(Listing listing, std::string folder, const ImageOptions& options) {
  if (listing.pictures.empty()) {
    throw DataError(text(folder, ": holds no pictures (png, jpg, jpeg, pgm, ppm, pnm)"));
  }
  return {std::move(folder), Pictures(std::move(listing.pictures), options),
          std::move(listing.classes), std::move(listing.class_names)};
}

RawSplit read_split(FoundPictures found, const ImageOptions& options) {
  const auto& [folder, pictures, found_classes, names] = found;
  RawSplit split;
  split.file = folder;
  std::vector<std::int64_t> classes = found_classes;
  if (options.patches) {
    const auto patches = std::make_shared<PatchSamples>(pictures, *options.patches, folder);
    split.lazy = patches;
    split.groups = patches->patches_of_pictures();
    std::vector<std::int64_t> repeated;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      repeated.insert(repeated.end(), split.groups[i], classes[i]);
    }
    classes = std::move(repeated);
  } else {
    split.samples = whole_pictures(pictures, folder);
  }
  if (!classes.empty()) {
    split.labels.class_names = names;
    split.labels.classes = Tensor({std::ssize(classes)}, DType::I64);
    std::ranges::copy(classes, split.labels.classes.values<std::int64_t>().begin());
  }
  return split;
}

/// Reads all splits in one form.
std::map<std::string, RawSplit> read_found(std::map<std::string, FoundPictures> all,
                                           const ImageOptions& options) {
  const bool grey =
      options.color == ImageOptions::Color::Grey ||
      (options.color == ImageOptions::Color::Auto &&
       std::ranges::all_of(all, [](const auto& each) { return each.second.pictures.all_grey(); }));
  std::map<std::string, RawSplit> splits;
  for (auto& [name, found] : all) {
    found.pictures.settle(grey);
    splits[name] = read_split(std::move(found), options);
  }
  return splits;
}

/// Counts classes alike in all splits: those of training first, then what only others have.
void unify_classes(std::map<std::string, RawSplit>& splits) {
  std::vector<std::string> names = splits.at("train").labels.class_names;
  for (auto& [name, split] : splits) {
    for (const std::string& each : split.labels.class_names) {
      if (std::ranges::find(names, each) == names.end()) names.push_back(each);
    }
  }
  for (auto& [name, split] : splits) {
    if (!split.labels.has_classes()) continue;
    for (std::int64_t& value : split.labels.classes.values<std::int64_t>()) {
      const std::string& own = split.labels.class_names[static_cast<std::size_t>(value)];
      value = std::ranges::find(names, own) - names.begin();
    }
    split.labels.class_names = names;
  }
}

}  // namespace

void ImageOptions::Patches::describe(Schema<Patches>& schema) {
  schema.require("size", &Patches::size, "of a patch's sides, in pixels", at_least(1));
  schema.add("stride", &Patches::stride, "from a patch to the next; null: its size", at_least(1));
}

void ImageOptions::describe(Schema<ImageOptions>& schema) {
  using Self = ImageOptions;
  schema.add("color", &Self::color, "of samples; auto: grey where every picture is",
             {{"auto", Color::Auto}, {"grey", Color::Grey}, {"rgb", Color::Rgb}});
  schema.add("resize", &Self::resize, "[rows, columns] that pictures are scaled to; empty: none",
             at_least(1));
  schema.add("crop", &Self::crop, "[rows, columns] of their middle that is kept; empty: all",
             at_least(1));
  schema.add("patches", &Self::patches, "squares of the pictures, which become the samples");
  schema.check([](const ImageOptions& options) -> std::string {
    for (const auto& [name, pair] :
         {std::pair{"resize", &options.resize}, {"crop", &options.crop}}) {
      if (pair->empty() || pair->size() == 2) continue;
      return text("needs two numbers for ", name, ", [rows, columns]");
    }
    for (const std::int64_t extent : options.resize) {
      if (extent > picture::Limits().extent) {
        return text("needs a resize of at most ", picture::Limits().extent, " pixels a side");
      }
    }
    return "";
  });
}

std::map<std::string, RawSplit> read_images(const std::string& path, const ImageOptions& options) {
  std::map<std::string, FoundPictures> found;
  if (!is_folder(path)) {
    found.emplace("", find_pictures({{path}, {}, {}}, path, options));
    return read_found(std::move(found), options);
  }
  if (is_folder(fs::path(path) / "train")) {
    for (const std::string split : {"train", "validation", "test"}) {
      const fs::path folder = fs::path(path) / split;
      if (is_folder(folder)) found.emplace(split, find_pictures(list(folder), folder, options));
    }
    auto splits = read_found(std::move(found), options);
    unify_classes(splits);
    return splits;
  }
  found.emplace("", find_pictures(list(path), path, options));
  return read_found(std::move(found), options);
}

}  // namespace hourglass
