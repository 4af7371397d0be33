#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/source.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/graph/variable.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// A small classifier whose last hidden layer says how alike samples are: what a sample is, as far
/// as the labels of its data set tell, rather than which of its pixels are bright. It is trained by
/// us, on the data set at hand, always in one way (`kProtocol`), and so its features are those of
/// no other network: distances in them compare with each other where `checksum` is equal, and with
/// nothing else.
///  - Images of 8 x 8 or more: convolution 5 x 5 to 16 channels, another 3 x 3 to 32, both with
///    stride 2; other samples: dense, 256 units. Then dense, 64 units, which are the features; then
///    the classes. ReLU after each but the last.
///  - Samples less their mean, divided by their deviation: one number each for all features.
///  - Cross-entropy, Adam, 2,000 batches of 128 in counted orders, the learning rate falling in a
///    straight line from 1e-3 to 0, seed 1, whatever the run's.
///
///     const auto classifier = train_feature_classifier(data);
///     const Tensor features = classifier->features(*data.find("test"));
class HOURGLASS_API FeatureClassifier {
 public:
  static constexpr std::int64_t kProtocol = 1;
  static constexpr std::int64_t kFeatures = 64;

  /// What a classifier was trained on, and how good it turned out.
  struct Origin {
    std::string data;            ///< the data set's name
    std::int64_t samples = 0;    ///< labelled ones, of training and validation
    std::uint32_t checksum = 0;  ///< CRC-32 of these, as the model sees them, and of their classes
    Shape sample_shape;
    std::int64_t classes = 0;
    double mean = 0;          ///< of all values of all samples
    double deviation = 1;     ///< likewise
    std::int64_t tested = 0;  ///< labelled samples of the test split; 0: there was none
    double accuracy = 0;      ///< the part of these that it classifies rightly
  };

  /// `parameters` are those of parameter_shapes, in their order. Throws ShapeError for others.
  FeatureClassifier(Origin origin, std::vector<Tensor> parameters);
  ~FeatureClassifier();
  FeatureClassifier(const FeatureClassifier&) = delete;
  FeatureClassifier& operator=(const FeatureClassifier&) = delete;

  /// A parameter's path and shape.
  struct Slot {
    std::string path;
    Shape shape;
  };
  static std::vector<Slot> parameter_shapes(const Shape& sample_shape, std::int64_t classes);

  const Origin& origin() const { return origin_; }
  const std::vector<Tensor>& parameters() const { return parameters_; }
  /// Sum (CRC-32) of the parameters: classifiers with equal ones give equal features.
  std::uint32_t checksum() const;
  /// "64 features of a classifier trained on ...", for a protocol.
  std::string description() const;

  /// Writes the features of `count` samples, [count, kFeatures], to `out`, and returns where they
  /// end. A sample's features are the same, but for rounding, whatever others come with it.
  float* features(const float* samples, std::int64_t count, float* out);
  /// [n, kFeatures] of all n samples of a source.
  Tensor features(const Source& source);
  /// The most probable class of each sample of a source; the lowest where several are.
  std::vector<std::int32_t> classify(const Source& source);

  /// A file in HDF5: attributes `format="hourglass-classifier"`, `format_version`, `protocol`,
  /// `layer` (whose activations are the features), `seed`, `checksum` and those of the origin;
  /// `parameters/<path>` f32. Equal classifiers give equal bytes. Throws IoError.
  void write(const std::filesystem::path& path) const;
  /// Throws DataError, naming the file, for what is missing, damaged, of another protocol, or no
  /// classifier of samples of `sample_shape`.
  static std::unique_ptr<FeatureClassifier> read(const std::filesystem::path& path,
                                                 const Shape& sample_shape);

 private:
  void run(const float* samples, std::int64_t count, float* features, float* logits);

  Origin origin_;
  std::vector<Tensor> parameters_;
  VariableStore store_;
  Arena arena_;
  std::unique_ptr<Program> program_;
  Tensor batch_;
};

/// Why there can be no classifier of these data, and what would do; empty where there can.
HOURGLASS_API std::string fault_of_labels(const DataSet& data);

/// Trains one on all labels of the training and validation splits, in the order of their file, so
/// that it is the same whatever part is kept for validation. Equal data give equal bits on equal
/// machines. The data must have no fault_of_labels. Throws DataError where samples are so far from
/// 0 and 1 that nothing can be learned from them.
HOURGLASS_API std::unique_ptr<FeatureClassifier> train_feature_classifier(const DataSet& data);

/// The one that was kept in the folder `kept` for these data, else a new one, which is kept there.
/// A file that is damaged or was made of other data is written anew; where nothing can be written,
/// nothing is kept. Without a folder it is always a new one.
HOURGLASS_API std::unique_ptr<FeatureClassifier> feature_classifier_of(
    const DataSet& data, const std::filesystem::path& kept);

}  // namespace hourglass
