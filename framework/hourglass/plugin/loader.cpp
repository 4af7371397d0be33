#include <hourglass/core/error.hpp>
#include <hourglass/core/forked.hpp>
#include <hourglass/plugin/build_id.hpp>
#include <hourglass/plugin/descriptor.hpp>
#include <hourglass/plugin/loader.hpp>
#include <hourglass/plugin/registry.hpp>

#include <dlfcn.h>
#include <string_view>

namespace hourglass {

namespace {

constexpr std::chrono::seconds kProbeLimit(10);
constexpr const char* kRebuild = "rebuild the plugin with this build's headers";

// dlerror's reason, without the file's name that the caller has put before it.
std::string last_reason(const std::filesystem::path& path) {
  const char* reason = dlerror();
  std::string message = reason != nullptr ? reason : "for no stated reason";
  const std::string prefix = path.native() + ": ";
  if (message.starts_with(prefix)) message.erase(0, prefix.size());
  return message;
}

void* open_library(const std::filesystem::path& path, const std::string& file) {
  // Bound at once, so that a missing function is found here and not in the middle of a run; bound
  // locally, so that two plugins may use the same names.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw PluginError(text(file, ": cannot be opened: ", last_reason(path),
                           "; link what is missing, or rebuild the plugin"));
  }
  return library;
}

using EntryPoint = const PluginDescriptor* (*)();

const PluginDescriptor& descriptor_of(void* library, const std::string& file) {
  const auto entry_point = reinterpret_cast<EntryPoint>(dlsym(library, kPluginEntryPoint));
  if (entry_point == nullptr) {
    throw PluginError(text(file, ": has no entry point \"", kPluginEntryPoint,
                           "\"; write HOURGLASS_PLUGIN(...) in one of its source files"));
  }
  const PluginDescriptor* descriptor = entry_point();
  if (descriptor == nullptr) {
    throw PluginError(text(file, ": its entry point returned no descriptor; ", kRebuild));
  }
  return *descriptor;
}

std::string_view shown(const char* value) { return value != nullptr ? value : ""; }

void check_same(const std::string& file, const char* what, std::string_view note,
                std::string_view descriptor) {
  if (note == descriptor) return;
  throw PluginError(text(file, ": its note gives the ", what, " \"", note, "\", its descriptor \"",
                         descriptor, "\"; ", kRebuild));
}

void check_descriptor(const std::string& file, const PluginNote& note,
                      const PluginDescriptor& descriptor) {
  if (descriptor.api_version != kPluginApiVersion) {
    throw PluginError(text(file, ": its descriptor is for plugin API ", descriptor.api_version,
                           ", this build supports ", kPluginApiVersion, "; ", kRebuild));
  }
  check_build_id(file, std::string(shown(descriptor.build_id)));
  check_same(file, "name", note.name, shown(descriptor.name));
  check_same(file, "version", note.version, shown(descriptor.version));
  if (descriptor.register_with == nullptr) {
    throw PluginError(text(file, ": its descriptor registers nothing; ", kRebuild));
  }
}

[[noreturn]] void refuse_registration(const std::string& file, std::string_view reason) {
  throw PluginError(
      text(file, ": registering its variant failed: ", reason, "; correct the plugin"));
}

}  // namespace

void check_build_id(const std::string& file, const std::string& build_id) {
  constexpr std::string_view kOurs = HOURGLASS_BUILD_ID;
  if (build_id == kOurs) return;
  throw PluginError(text(file, ": built for another build of Hourglass (", build_id,
                         "), this build is (", kOurs, "); ", kRebuild));
}

void probe_plugin(const std::filesystem::path& path, const std::string& file,
                  const PluginNote& note) {
  const auto load = [&] {
    load_plugin(path, file, note);
    return std::string();
  };
  const ForkedEnding ending = call_forked(load, kProbeLimit);
  if (ending.threw) throw PluginError(ending.message);
  if (ending.returned) return;
  throw PluginError(text(file, ": loading it ", way_of_ending(ending, kProbeLimit),
                         "; correct what its code does when it is loaded"));
}

std::unique_ptr<VariantType> load_plugin(const std::filesystem::path& path, const std::string& file,
                                         const PluginNote& note) {
  void* library = open_library(path, file);
  const PluginDescriptor& descriptor = descriptor_of(library, file);
  check_descriptor(file, note, descriptor);
  Registry registry(note.name);
  try {
    descriptor.register_with(registry);
  } catch (const std::exception& error) {
    refuse_registration(file, error.what());
  } catch (...) {
    refuse_registration(file, "it threw something that is no std::exception");
  }
  std::unique_ptr<VariantType> variant = registry.take_variant();
  if (variant == nullptr) refuse_registration(file, "it added no variant");
  return variant;
}

}  // namespace hourglass
