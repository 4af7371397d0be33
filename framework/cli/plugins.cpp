#include <cli/commands.hpp>
#include <cli/environment.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/plugin/architecture.hpp>
#include <hourglass/plugin/metric.hpp>

#include <unistd.h>

#include <algorithm>
#include <functional>

namespace hourglass::cli {

namespace {

std::size_t output_width() { return static_cast<std::size_t>(terminal_width(STDOUT_FILENO)); }

void list_plugins(const PluginHost& host) {
  std::vector<std::vector<std::string>> rows = {{"name", "version", "description", "file"}};
  for (const PluginFile& plugin : host.plugins()) {
    rows.push_back({harmless(plugin.note.name), harmless(plugin.note.version),
                    harmless(plugin.note.description), plugin.path.string()});
  }
  print(table(rows, {24, 12, 60, 0}, std::max<std::size_t>(output_width(), 200)));
  for (const PluginRefusal& refusal : host.refusals()) print_message(refusal.message);
}

void print_options(const std::vector<OptionRow>& options) {
  std::vector<std::vector<std::string>> rows = {{"option", "type", "default", "range", "meaning"}};
  for (const OptionRow& row : options) {
    rows.push_back({row.name, row.type, row.standard, row.range, row.meaning});
  }
  // Names are there to be copied: whole, unless a terminal is narrow.
  const std::size_t width = is_terminal(STDOUT_FILENO) ? output_width() : 120;
  const bool is_wide = width >= 110;
  print(table(rows, {is_wide ? 48u : 24u, is_wide ? 16u : 12u, 14, 25, 0}, width));
}

/// Of a layer in a list of them, "encoder.N.dense.units".
bool is_of_layer(const OptionRow& row) { return row.name.find(".N.") != std::string::npos; }

void show_variant(const VariantType& variant) {
  print(text(variant.name(), " ", variant.version(), ": ", variant.description(), "\n\n"));
  std::vector<OptionRow> options = document_model(variant);
  const auto layers = std::ranges::stable_partition(options, std::not_fn(is_of_layer));
  const std::vector<OptionRow> of_layers(layers.begin(), layers.end());
  options.erase(layers.begin(), layers.end());
  print_options(options);
  for (const MetricType* metric : variant.metrics()) {
    print(text("\nmeasure ", metric->name(), ": ", metric->meaning(), "\n"));
    const std::vector<OptionRow> own = metric->document();
    if (!own.empty()) print_options(own);
  }
  if (of_layers.empty()) return;
  print("\nlayers\n");
  print_options(of_layers);
}

int run_plugins(const Arguments& arguments) {
  Environment environment(arguments);
  if (arguments.words.empty()) {
    list_plugins(environment.plugins());
  } else {
    show_variant(environment.plugins().variant(arguments.words[0]));
  }
  return 0;
}

}  // namespace

Command plugins_command() {
  return {.name = "plugins",
          .words = "[NAME]",
          .summary = "list the variants that there are, or one variant's options",
          .details =
              "Plugins are found beside the program and in the folders of "
              "$HOURGLASS_PLUGIN_PATH.\nOptions stand below model: in an experiment file, measures "
              "of the "
              "variant's own under evaluate:.",
          .least_words = 0,
          .most_words = 1,
          .options = {plugin_option()},
          .run = run_plugins};
}

}  // namespace hourglass::cli
