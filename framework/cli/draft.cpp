#include <cli/draft.hpp>
#include <cli/terminal.hpp>
#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/config/rule.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>

namespace hourglass::cli {

namespace {

constexpr std::int64_t kEnoughToSpare = 100;  // from so many samples on, some are for validation
constexpr std::int64_t kStepsWanted = 3000;

/// The layers that a number of features asks for: wide enough to keep what matters, and the code
/// much narrower than the sample.
struct Sizes {
  int first;
  int second;
  int latent;
};

Sizes sizes_for(std::int64_t features) {
  if (features > 20'000) return {128, 64, 32};  // the first layer holds most parameters already
  if (features >= 256) return {512, 256, 32};
  if (features >= 64) return {128, 64, 12};
  if (features >= 16) return {64, 32, 6};
  return {32, 16, static_cast<int>(std::max<std::int64_t>(features / 3, 1))};
}

int batch_for(std::int64_t samples) {
  int batch = 16;
  while (batch < 128 && batch * 40 <= samples) batch *= 2;
  return batch;
}

int epochs_for(std::int64_t samples, int batch) {
  const std::int64_t steps = (samples + batch - 1) / batch;
  return static_cast<int>(std::clamp<std::int64_t>(kStepsWanted / steps, 20, 200));
}

const OptionRow* find_option(std::span<const OptionRow> options, std::string_view name) {
  const auto at = std::ranges::find(options, name, &OptionRow::name);
  return at == options.end() ? nullptr : &*at;
}

std::string loss_for(const ValueRange& range) {
  if (range.sums_to_one) return "categorical_cross_entropy";
  return range.within(0, 1) ? "binary_cross_entropy" : "squared_error";
}

std::string loss_reason(const ValueRange& range) {
  if (range.sums_to_one) return "every sample sums to 1";
  const std::string values =
      text("values lie in [", short_number(range.least), ", ", short_number(range.greatest), "]");
  return range.within(0, 1) ? values : values + ", not in [0, 1]";
}

std::string file_name_of(const std::string& variant, const DataSet& data) {
  std::string name = variant + "-" + data.name;
  const Rule good = file_name();
  for (char& c : name) {
    if (!good.text(std::string("x") + c)) c = '-';
  }
  return good.text(name) ? name : variant;
}

/// Lines `key: value   # comment`, with the comments below each other.
class Lines {
 public:
  void add(const std::string& line, const std::string& comment = "") {
    if (comment.empty()) {
      out_ += line + "\n";
      return;
    }
    const std::size_t gap = line.size() < kCommentColumn ? kCommentColumn - line.size() : 2;
    out_ += line + std::string(gap, ' ') + "# " + comment + "\n";
  }
  const std::string& text() const { return out_; }

 private:
  static constexpr std::size_t kCommentColumn = 42;
  std::string out_;
};

std::string other_scalings(Scaling chosen) {
  std::string names;
  for (const Scaling each :
       {Scaling::None, Scaling::Unit, Scaling::Symmetric, Scaling::Standardise, Scaling::MinMax}) {
    if (each != chosen) names += text(names.empty() ? "" : ", ", name_of(each));
  }
  return names;
}

std::string in_yaml(const std::string& value) {
  return config::emit_in_line(config::Node::string(value));
}

void add_dataset(const DataSet& data, const DraftRequest& request, Lines& lines) {
  lines.add("dataset:");
  lines.add("  name: " + in_yaml(request.dataset));
  if (!request.array.empty()) lines.add("  array: " + in_yaml(request.array));
  if (!request.labels_array.empty()) lines.add("  labels_array: " + in_yaml(request.labels_array));
  if (data.train().size() >= kEnoughToSpare) {
    lines.add("  validation: 0.1", "part of training that chooses the best epoch");
  }
  lines.add(text("  scaling: ", name_of(data.scaling->kind())),
            "or " + other_scalings(data.scaling->kind()));
  if (data.encoding != nullptr) {
    lines.add("  # label: COLUMN", "a column of classes, kept out of the features");
    lines.add("  # leave_out: [COLUMN]", "columns that are not used");
  }
}

/// The variant's own layers where it has some, one a line.
void add_encoder(const DataSet& data, const OptionRow& encoder, Lines& lines) {
  const std::int64_t features = data.sample_shape.size();
  const config::Node own = config::parse_text(encoder.standard, "encoder");
  lines.add("  encoder:");
  if (own.items().empty()) {
    const Sizes sizes = sizes_for(features);
    for (const int width : {sizes.first, sizes.second}) {
      lines.add(text("    - {dense: ", width, ", activation: relu}"));
    }
  } else if (data.encoding != nullptr) {
    lines.add(text("    - {reshape: [1, ", features, "]}"),
              "the table's columns as a signal, of which neighbours should be alike");
  }
  for (const config::Node& layer : own.items()) {
    lines.add("    - " + config::emit_in_line(layer));
  }
}

void add_model(const DataSet& data, std::span<const OptionRow> options, Lines& lines) {
  const std::int64_t features = data.sample_shape.size();
  const ValueRange& range = data.scaling->range();
  lines.add("model:");
  if (const OptionRow* encoder = find_option(options, "encoder"))
    add_encoder(data, *encoder, lines);
  const OptionRow* latent = find_option(options, "latent");
  if (latent != nullptr && latent->standard == "null") {
    lines.add("  latent: null", "the code is what the layers give; a number: so many numbers");
  } else if (latent != nullptr) {
    lines.add(text("  latent: ", sizes_for(features).latent),
              text("numbers that stand for ", features));
  }
  if (find_option(options, "decoder") != nullptr) {
    lines.add("  decoder: mirror", "the encoder turned round, or a list of layers");
  }
  const OptionRow* loss = find_option(options, "loss");
  const std::string fitting = loss_for(range);
  if (loss != nullptr && loss->range.find(fitting) != std::string::npos) {
    lines.add("  loss: " + fitting, loss_reason(range));
  }
}

/// Whether a variant learns from corrupted samples: it weighs what is corrupted.
bool needs_corruption(std::span<const OptionRow> options) {
  return find_option(options, "corrupted_weight") != nullptr;
}

void add_training(std::int64_t samples, Lines& lines) {
  const int batch = batch_for(samples);
  lines.add("train:");
  lines.add(text("  epochs: ", epochs_for(samples, batch)));
  lines.add(text("  batch: ", batch));
  lines.add("  optimizer: {adam: {learning_rate: 1.0e-3}}");
}

std::string comment(std::string words) {
  for (char& c : words) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';  // a comment must stay one
  }
  return "# " + words;
}

}  // namespace

std::string draft_experiment(const DataSet& data, const DraftRequest& request,
                             std::span<const OptionRow> options) {
  Lines lines;
  lines.add(comment(text(data.title, ": ", counted(data.train().size(), "training sample"),
                         " of shape ", data.sample_shape.to_text(), ".")));
  lines.add(
      comment("All options of the model: hourglass plugins " + request.variant + request.plugins));
  lines.add("name: " + in_yaml(file_name_of(request.variant, data)));
  lines.add("seed: 1");
  add_dataset(data, request, lines);
  lines.add("variant: " + request.variant);
  add_model(data, options, lines);
  if (needs_corruption(options)) {
    lines.add("corruption: [{gaussian: 0.5}]", "or speckle, salt_pepper, masking, block");
  }
  add_training(data.train().size(), lines);
  lines.add(needs_corruption(options) ? "evaluate: [reconstruction, denoising]"
                                      : "evaluate: [reconstruction]");
  return lines.text();
}

}  // namespace hourglass::cli
