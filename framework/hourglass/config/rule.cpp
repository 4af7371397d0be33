#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/config/rule.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <cctype>

namespace hourglass {

namespace {

Rule number_rule(std::string range, std::vector<double> ends, std::function<bool(double)> admits) {
  Rule rule;
  rule.range = std::move(range);
  rule.ends = std::move(ends);
  rule.number = std::move(admits);
  return rule;
}

}  // namespace

Rule at_least(double least) {
  return number_rule(text(">= ", least), {least}, [=](double value) { return value >= least; });
}

Rule at_most(double greatest) {
  return number_rule(text("<= ", greatest), {greatest},
                     [=](double value) { return value <= greatest; });
}

Rule greater_than(double bound) {
  return number_rule(text("> ", bound), {bound}, [=](double value) { return value > bound; });
}

Rule less_than(double bound) {
  return number_rule(text("< ", bound), {bound}, [=](double value) { return value < bound; });
}

Rule between(double least, double greatest) {
  return number_rule(text("in [", least, ", ", greatest, "]"), {least, greatest},
                     [=](double value) { return value >= least && value <= greatest; });
}

Rule one_of(std::vector<std::string> choices) {
  Rule rule;
  std::vector<std::string> shown;
  for (const std::string& choice : choices) {
    shown.push_back(config::is_plain(choice) ? choice : config::shown(choice));
  }
  rule.range = "one of " + config::joined(shown);
  rule.choices = choices;
  rule.text = [choices = std::move(choices)](std::string_view value) {
    return std::find(choices.begin(), choices.end(), value) != choices.end();
  };
  return rule;
}

Rule not_empty() {
  Rule rule;
  rule.range = "non-empty";
  rule.not_empty = true;
  rule.text = [](std::string_view value) { return !value.empty(); };
  return rule;
}

Rule file_name() {
  Rule rule;
  rule.range = "made of letters, digits, '.', '_', '-' and '+', not beginning with '.'";
  rule.text = [](std::string_view value) {
    return !value.empty() && value.size() <= 200 && value.front() != '.' &&
           std::all_of(value.begin(), value.end(), [](char c) {
             return std::isalnum(static_cast<unsigned char>(c)) ||
                    std::string_view("._-+").find(c) != std::string_view::npos;
           });
  };
  return rule;
}

}  // namespace hourglass
