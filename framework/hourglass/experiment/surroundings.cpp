#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/experiment/version_stamp.hpp>
#include <hourglass/plugin/architecture.hpp>

#include <dlfcn.h>

namespace hourglass {

namespace {

KnownName known_name(const MetricType& type) {
  return {std::string(type.name()),
          [&type](const config::Node& options, const std::string& path,
                  config::Problems& problems) { return type.resolve(options, path, problems); }};
}

}  // namespace

Vocabulary Surroundings::vocabulary() const {
  Vocabulary words;
  words.variants = plugins.names();
  words.resolve_model = [&host = plugins](const std::string& variant, const config::Node& model,
                                          config::Problems& problems) {
    return read_model_options(host.variant(variant), model, problems).resolved;
  };
  words.check_model = check_architecture;
  words.fault_of_dataset = [where = places](const std::string& dataset) {
    return fault_of_name(dataset, where);
  };
  for (const MetricType* type : metrics()) words.metrics.push_back(known_name(*type));
  words.own_metrics = [&host = plugins](const std::string& variant) {
    std::vector<KnownName> own;
    for (const MetricType* type : host.variant(variant).metrics()) {
      if (find_metric(type->name()) != nullptr) {
        throw PluginError(text("variant \"", variant, "\" brings a measure named \"", type->name(),
                               "\", which Hourglass has already; give it another name"));
      }
      own.push_back(known_name(*type));
    }
    return own;
  };
  return words;
}

std::vector<std::filesystem::path> descriptor_folders() {
  namespace fs = std::filesystem;
  std::vector<fs::path> folders;
  std::error_code error;
  Dl_info library{};
  if (dladdr(reinterpret_cast<void*>(&descriptor_folders), &library) != 0) {
    const fs::path beside = fs::canonical(library.dli_fname, error).parent_path();
    for (fs::path up = beside; up.has_relative_path(); up = up.parent_path()) {
      const fs::path installed = up / "share" / "hourglass" / "datasets";
      if (fs::is_directory(installed, error)) folders.push_back(installed);  // or looks further up
    }
  }
  if (fs::is_directory(HOURGLASS_SOURCE_DATASETS, error)) {
    folders.emplace_back(HOURGLASS_SOURCE_DATASETS);
  }
  return folders;
}

DataPlaces data_places(const std::filesystem::path& root) {
  DataPlaces places{root, descriptor_folders()};
  places.descriptors.push_back(root);
  return places;
}

}  // namespace hourglass
