#include <hourglass/plugin.hpp>

#include <cstdint>

namespace hourglass {

// An autoencoder whose code is made of entries of a codebook (A. van den Oord, O. Vinyals, K.
// Kavukcuoglu, "Neural discrete representation learning", 2017), which follow the vectors that
// choose them by moving averages.
class Vq final : public Variant {
 public:
  struct Options {
    int latent = 16;
    int width = 8;
    int entries = 256;
    Schedule commitment = 0.25;
    double decay = 0.99;
    double least_use = 0.1;
  };

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "positions of a code, each with an entry", at_least(1));
    schema.add("width", &Options::width, "numbers of an entry", at_least(1));
    schema.add("entries", &Options::entries, "entries of the codebook", at_least(2));
    schema.add("commitment", &Options::commitment,
               "weight of the encoder's squared distance from the entries", at_least(0));
    schema.add("decay", &Options::decay, "what each batch leaves of the moving averages",
               at_least(0), less_than(1));
    schema.add("least_use", &Options::least_use,
               "an entry used less than this, times the mean use, is replaced by a vector of the "
               "batch",
               greater_than(0), less_than(1));
  }

  void build(ModelBuilder& model, const Options& options) {
    const Value hidden = model.encoder(model.input());
    const Value scores = model.dense("code", hidden, std::int64_t{options.latent} * options.width);
    const Value vectors = reshape(scores, {scores.shape()[0] * options.latent, options.width});
    const Codebook book = codebook(model, options, stop_gradient(vectors));
    const SparseValue chosen = nearest(stop_gradient(vectors), book.entries);
    const Value quantised = sparse_product(chosen, book.entries);
    const Value straight = vectors + stop_gradient(quantised - vectors);
    const Value z = model.latent(reshape(straight, scores.shape()),
                                 {.code = reshape(quantised, scores.shape())});
    // Codes from elsewhere need not be made of entries; the decoder has seen nothing else.
    const Value y = model.decoder(model.for_losses() ? z : in_entries(z, book.entries));
    model.reconstruction(model.likelihood().mean(y));

    const Value error = model.likelihood().negative_log(y, model.target());
    const Value distance =
        sum(squared_error(scores, stop_gradient(reshape(quantised, scores.shape()))), {1});
    TrainStep& step = model.train_step("reconstruction");
    step.minimise(error + model.scalar("commitment", options.commitment) * distance)
        .part("error", error)
        .part("commitment", distance)
        .coupled();  // by the entries that vectors of the batch replace

    // What part of the batch's vectors has chosen each entry, and their sum over that number.
    const auto count = static_cast<float>(vectors.shape()[0]);
    const Value share = sparse_column_sums(chosen) / count;
    const Value sums = sparse_transposed_product(chosen, stop_gradient(vectors)) / count;
    step.part("perplexity", exp(-sum(share * log(maximum(share, 1e-10f)))));
    const auto kept = static_cast<float>(options.decay);
    const Value use = kept * book.use + (1 - kept) * share;
    const Value moved = kept * by_entry(book.use) * book.entries + (1 - kept) * sums;
    step.assign(model.existing(kUse), use)
        .assign(model.existing(kEntries), moved / by_entry(maximum(use, 1e-10f)));
  }

 private:
  static constexpr const char* kEntries = "code.entries";
  static constexpr const char* kUse = "code.use";

  struct Codebook {
    Value entries;  // [entries, width]
    Value use;      // [entries]: which part of vectors chooses each, a moving average
  };

  /// The codebook for a batch of vectors. In training, entries that are hardly used, and at the
  /// very beginning these are all, first make room for vectors that are drawn from the batch.
  static Codebook codebook(ModelBuilder& model, const Options& options, Value vectors) {
    const Value entries = model.state(kEntries, {options.entries, options.width}, 0);
    const Value use = model.state(kUse, {options.entries}, 0);
    if (!model.training()) return {entries, use};
    const float mean_use = 1.0f / static_cast<float>(options.entries);
    const Value rare = greater(static_cast<float>(options.least_use) * mean_use, use);
    const Value drawn = random_choice(model.graph(), options.entries, vectors.shape()[0], "drawn");
    return {entries + by_entry(rare) * (matmul(drawn, vectors) - entries),
            use + rare * (mean_use - use)};
  }

  /// The entry at the least distance from each vector, as a 1 in its column.
  static SparseValue nearest(Value vectors, Value entries) {
    const Value products = matmul(vectors, entries, {.transpose_b = true});
    SparseValue chosen = topk(2.0f * products - sum(square(entries), {1}), 1);
    chosen.values = chosen.values.graph().filled(chosen.values.shape(), 1);
    return chosen;
  }

  /// The code whose positions are the nearest entries.
  static Value in_entries(Value code, Value entries) {
    const Shape rows{code.shape().size() / entries.shape()[1], entries.shape()[1]};
    const SparseValue chosen = nearest(reshape(code, rows), entries);
    return reshape(sparse_product(chosen, entries), code.shape());
  }

  /// A number for each entry, as a column beside the entries' own.
  static Value by_entry(Value numbers) { return reshape(numbers, {numbers.shape()[0], 1}); }
};

}  // namespace hourglass

using hourglass::Vq;
HOURGLASS_PLUGIN("vq", "1.0.0", Vq,
                 "Autoencoder whose code is made of entries of a codebook (VQ-VAE)")
