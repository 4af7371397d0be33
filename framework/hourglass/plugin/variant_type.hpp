#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/config/problems.hpp>
#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass {

class MetricType;
class ModelBuilder;

/// A variant together with the options of one experiment: what training builds its graphs with.
class HOURGLASS_API BoundVariant {
 public:
  BoundVariant() = default;
  virtual ~BoundVariant();
  BoundVariant(const BoundVariant&) = delete;
  BoundVariant& operator=(const BoundVariant&) = delete;

  /// Writes the graph; a pure function of the options and of what `model` answers. Called once for
  /// every batch size and mode.
  virtual void build(ModelBuilder& model) = 0;
  /// Every option of the variant with its value, defaults filled in, as a map.
  virtual config::Node resolved() const = 0;
};

/// A variant of autoencoder as the program knows it: its name, the options that it declares, and
/// how an instance is made from them. An author writes none of this, but a class with `Options`,
/// `describe` and `build` (see HOURGLASS_PLUGIN), which VariantTypeOf wraps.
///
///     config::Problems problems;
///     auto variant = host.variant("vae").read(*experiment.find("model"), shared_keys, problems);
///     problems.throw_if_any();
///     variant->build(model);
class HOURGLASS_API VariantType {
 public:
  VariantType(std::string_view name, std::string_view version, std::string_view description);
  virtual ~VariantType();
  VariantType(const VariantType&) = delete;
  VariantType& operator=(const VariantType&) = delete;

  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  const std::string& description() const { return description_; }

  /// The keys that the variant declares.
  virtual std::vector<std::string> keys() const = 0;
  /// A row for each of its options.
  virtual std::vector<OptionRow> document() const = 0;
  /// Those of the keys that all variants have for which this one has defaults of its own, as they
  /// would be written below `model`; empty where it has none.
  virtual std::string_view architecture() const { return {}; }
  /// The measures that the variant brings with it, which its experiments may name under `evaluate`
  /// like those that all have. They live as long as the process.
  virtual std::span<const MetricType* const> metrics() const { return {}; }

  /// Makes an instance from an experiment's `model` section (nothing at all is an empty map).
  /// `shared` are the keys that somebody else reads for every variant, such as `encoder`: they are
  /// passed over, but count as valid names. A key that the variant declares is its own, shared or
  /// not. Returns null after reporting at least one fault.
  std::unique_ptr<BoundVariant> read(const config::Node& model, std::span<const std::string> shared,
                                     config::Problems& problems) const;

 private:
  /// Makes an instance from its own keys alone.
  virtual std::unique_ptr<BoundVariant> bind(const config::Node& own,
                                             config::Problems& problems) const = 0;

  std::string name_;
  std::string version_;
  std::string description_;
};

/// What an author writes.
template <class V>
concept VariantClass = std::default_initializable<V> &&
    requires(V variant, Schema<typename V::Options>& schema, ModelBuilder& model,
             const typename V::Options& options) {
  V::describe(schema);
  variant.build(model, options);
};

/// The type of a variant that is written as a class.
template <VariantClass V>
class VariantTypeOf final : public VariantType {
 public:
  using Options = typename V::Options;

  VariantTypeOf(std::string_view name, std::string_view version, std::string_view description)
      : VariantType(name, version, description) {
    V::describe(schema_);
  }

  std::vector<std::string> keys() const override { return schema_.names(); }
  std::vector<OptionRow> document() const override { return schema_.document(); }
  std::string_view architecture() const override {
    if constexpr (requires { V::kArchitecture; }) return V::kArchitecture;
    return {};
  }
  std::span<const MetricType* const> metrics() const override {
    if constexpr (requires { typename V::Metrics; }) return V::Metrics::types();
    return {};
  }

 private:
  class Bound final : public BoundVariant {
   public:
    Bound(Options options, config::Node resolved)
        : options_(std::move(options)), resolved_(std::move(resolved)) {}
    void build(ModelBuilder& model) override { variant_.build(model, options_); }
    config::Node resolved() const override { return resolved_; }

   private:
    V variant_;
    Options options_;
    config::Node resolved_;
  };

  std::unique_ptr<BoundVariant> bind(const config::Node& own,
                                     config::Problems& problems) const override {
    Options options;
    if (!schema_.read(own, "model", problems, options)) return nullptr;
    config::Node resolved = schema_.write(options);
    return std::make_unique<Bound>(std::move(options), std::move(resolved));
  }

  Schema<Options> schema_;
};

}  // namespace hourglass
