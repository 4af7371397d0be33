#pragma once

#include <hourglass/plugin.hpp>

#include <optional>
#include <variant>

// What an experiment says of priors and discriminators.
namespace hourglass::adversarial {

struct Gaussian {
  static constexpr const char* kName = "gaussian";
  static void describe(Schema<Gaussian>&) {}
};

struct Mixture {
  static constexpr const char* kName = "mixture";
  int components = 10;
  double radius = 4;
  double along = 0.8;
  double across = 0.2;
  static void describe(Schema<Mixture>& schema) {
    schema.add("components", &Mixture::components, "normal distributions on a ring", at_least(1));
    schema.add("radius", &Mixture::radius, "of the ring", greater_than(0));
    schema.add("along", &Mixture::along, "standard deviation on the ray from the middle",
               greater_than(0));
    schema.add("across", &Mixture::across, "standard deviation across it", greater_than(0));
  }
  Ring ring() const {
    return {components, static_cast<float>(radius), static_cast<float>(along),
            static_cast<float>(across)};
  }
};

struct Swiss {
  static constexpr const char* kName = "swiss_roll";
  double radius = 4;
  double turns = 2;
  double noise = 0.1;
  static void describe(Schema<Swiss>& schema) {
    schema.add("radius", &Swiss::radius, "of its outer end", greater_than(0));
    schema.add("turns", &Swiss::turns, "from the middle to the outer end", greater_than(0));
    schema.add("noise", &Swiss::noise, "standard deviation about the spiral", greater_than(0));
  }
  SwissRoll roll() const {
    return {static_cast<float>(radius), static_cast<float>(turns), static_cast<float>(noise)};
  }
};

struct Uniform {
  static constexpr const char* kName = "uniform";
  double low = -1;
  double high = 1;
  static void describe(Schema<Uniform>& schema) {
    schema.add("low", &Uniform::low, "least number of a code");
    schema.add("high", &Uniform::high, "least number above it");
    schema.check([](const Uniform& uniform) -> std::string {
      return uniform.low < uniform.high ? "" : "needs low < high";
    });
  }
};

struct Categorical {
  static constexpr const char* kName = "categorical";
  static void describe(Schema<Categorical>&) {}
};

using PriorOptions = std::variant<Gaussian, Mixture, Swiss, Uniform, Categorical>;

inline OptimizerOptions adam(double rate, double beta1) {
  AdamOptions options;
  options.learning_rate = rate;
  options.beta1 = beta1;
  return options;
}

struct Discriminator {
  int layers = 2;
  int width = 1000;
  double noise = 0;
  int every = 1;
  OptimizerOptions optimizer = adam(1e-4, 0.5);
  static void describe(Schema<Discriminator>& schema) {
    schema.add("layers", &Discriminator::layers, "how many hidden layers", at_least(1));
    schema.add("width", &Discriminator::width, "units of each", at_least(1));
    schema.add("noise", &Discriminator::noise,
               "standard deviation of normal noise on all that it sees", at_least(0));
    schema.add("every", &Discriminator::every, "batches from one of its steps to the next",
               at_least(1));
    schema.add("optimizer", &Discriminator::optimizer, "how it is trained");
  }
};

struct Options {
  /// What labels are for.
  enum class Mode { Unsupervised, LabelPrior, Supervised, SemiSupervised, LabelsAlone, Clustering };
  /// What a code is, given a sample.
  enum class Posterior { Deterministic, Gaussian, Noise };

  int latent = 8;
  Mode mode = Mode::Unsupervised;
  PriorOptions prior;
  Posterior posterior = Posterior::Deterministic;
  int clusters = 16;
  Discriminator discriminator;
  OptimizerOptions encoder_optimizer = adam(1e-4, 0.5);
  int encoder_every = 1;
  OptimizerOptions label_optimizer = adam(1e-3, 0.9);
  int label_batch = 100;

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "numbers of a code, beside classes", at_least(1));
    schema.add("mode", &Options::mode, "what labels are for",
               Names<Mode>{{"unsupervised", Mode::Unsupervised},
                           {"label_prior", Mode::LabelPrior},
                           {"supervised", Mode::Supervised},
                           {"semi_supervised", Mode::SemiSupervised},
                           {"labels_alone", Mode::LabelsAlone},
                           {"clustering", Mode::Clustering}});
    schema.add("prior", &Options::prior, "what codes are to be distributed like");
    schema.add("posterior", &Options::posterior, "what a code is, given a sample",
               Names<Posterior>{{"deterministic", Posterior::Deterministic},
                                {"gaussian", Posterior::Gaussian},
                                {"noise", Posterior::Noise}});
    schema.add("clusters", &Options::clusters, "classes of the mode clustering", at_least(2));
    schema.add("discriminator", &Options::discriminator, "what tells codes from the prior's");
    schema.add("encoder_optimizer", &Options::encoder_optimizer,
               "how the encoder is trained to pass for the prior");
    schema.add("encoder_every", &Options::encoder_every,
               "batches from one of these steps to the next", at_least(1));
    schema.add("label_optimizer", &Options::label_optimizer, "how classes are trained by labels");
    schema.add("label_batch", &Options::label_batch, "labelled samples of each of these steps",
               at_least(1));
  }
};

}  // namespace hourglass::adversarial
