#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/anomaly.hpp>
#include <hourglass/data/data_cache.hpp>
#include <hourglass/data/data_form.hpp>
#include <hourglass/data/descriptor.hpp>
#include <hourglass/data/source.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// What an experiment wants of its data. What is left out is as the descriptor or the file says.
struct HOURGLASS_API DataOptions {
  /// The part of the training samples that is kept for validation.
  double validation = 0;
  /// The part of all samples that is kept for testing when the data have no test split.
  double test = 0.2;
  /// Which samples these are: equal seeds choose equally.
  std::uint64_t seed = 1;
  Scaling scaling = Scaling::Auto;
  Binarise binarise = Binarise::None;
  /// How many training samples show their label to training, chosen evenly over the classes;
  /// nothing: all that carry one.
  std::optional<std::int64_t> labelled;
  /// Only the first so many samples of each split in the files.
  std::optional<std::int64_t> limit;
  /// Which samples are anomalies. Training and validation then keep to the normal ones, and data
  /// without a test split are divided as it says; nothing: no sample is one.
  std::optional<AnomalyOptions> anomaly;
  /// Rows are time steps, and samples windows of so many of them; nothing: rows are samples.
  std::optional<std::int64_t> window;
  /// From one window to the next, in time steps; at most `window`, so that none is left out.
  std::int64_t stride = 1;
  ReadOptions read;
};

/// Where data are looked for.
struct HOURGLASS_API DataPlaces {
  std::filesystem::path root;                      ///< each data set has its own folder there
  std::vector<std::filesystem::path> descriptors;  ///< folders of descriptors
  std::shared_ptr<DataCache> kept = {};            ///< what has been read before; null: nothing
};

/// Data ready for training: splits that do not overlap, scaled as the training split tells.
class HOURGLASS_API DataSet : public DataForm {
 public:
  std::string title;
  /// "train"; "validation" and "test" if there are any.
  std::map<std::string, std::shared_ptr<Source>> splits;
  /// The training samples whose labels training may see, in their order. Measures see all labels.
  std::vector<std::uint32_t> labelled;
  /// Of windows, the series that each split's are of: several splits may share one. A source's
  /// `row` is the step that a window begins with.
  std::map<std::string, std::shared_ptr<const Series>> series;
  /// One name a feature, or of a series a column, of tables and where a file has them; else empty.
  std::vector<std::string> feature_names;
  /// [directions, features of a sample], what samples are sums of, as their file has it; empty
  /// where that is not known.
  Tensor directions;
  /// What a user should know, a sentence each: categories that training lacks, and the like.
  std::vector<std::string> notes;
  /// What a user will hardly have meant, likewise.
  std::vector<std::string> warnings;

  const Source& train() const { return *splits.at("train"); }
  /// A split, or null when there is none.
  const Source* find(const std::string& split) const;
  /// Whether samples are grey or colour pictures: [h, w], [h, w, 1 or 3] or [1 or 3, h, w].
  bool has_images() const;
};

/// What is told of data that their format does not have, an error each: "separator is an option of
/// CSV tables; ...". Throws as `load_data_set` for names and files.
HOURGLASS_API std::vector<OptionError> foreign_options(const std::string& name_or_path,
                                                       const ReadOptions& options,
                                                       const DataPlaces& places);

/// Data with windows are divided by time: training has the first time steps, validation the end of
/// these, and the test split those that follow; no window reaches from one into another.
///
/// Loads a data set by the name of its descriptor or by the path of a file (a name that has a slash
/// or a dot, or is a file that exists).
/// Throws ConfigError for an unknown name (with the nearest); OptionError ("label", "validation",
/// "binarise", ...) for options that do not go with the data or their format, and splits that would
/// be empty; DataError for a missing file (naming it, and how to fetch it) or a damaged one.
HOURGLASS_API DataSet load_data_set(const std::string& name_or_path, const DataOptions& options,
                                    const DataPlaces& places);

/// Reads what `load_data_set` would, into `places.kept`, for whoever loads it afterwards. Throws as
/// that does for names and files.
HOURGLASS_API void read_ahead(const std::string& name_or_path, const DataOptions& options,
                              const DataPlaces& places);

/// What is wrong with a data set's name, other than the files behind it; empty when nothing is.
HOURGLASS_API std::string fault_of_name(const std::string& name_or_path, const DataPlaces& places);

/// Whether samples of `shape` are images as those of the shape `known`, [height, width] or
/// [channels, height, width], but of another size.
HOURGLASS_API bool is_other_size(const Shape& shape, const Shape& known);

/// Reads further samples in the form `form`, with its columns, categories and scaling: the test
/// split of a data set known by name (its training split if there is no other), or all samples of a
/// file. It need not have the labels, nor names of features, nor a table the columns that are left
/// out; a table without a header has all of them or none. Images may be of another size
/// (is_other_size) where one scale serves all their pixels. A series comes in windows, as many as
/// hold all of its time steps. Throws ConfigError for an unknown name, DataError for missing and
/// damaged files, and for those whose samples are of another form.
HOURGLASS_API std::shared_ptr<Source> load_input(const std::string& name_or_path,
                                                 const DataForm& form, const DataPlaces& places,
                                                 std::vector<std::string>& notes);

}  // namespace hourglass
