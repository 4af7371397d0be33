#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

namespace hourglass::config {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kMostNodes = 100'000;
constexpr std::size_t kMostLevels = 64;
constexpr std::size_t kLongestKey = 256;

using Source = std::shared_ptr<const std::string>;

/// Ends the reading; the fault itself is in the problems already.
struct Stop {};

/// Builds our tree from yaml-cpp's events, which come without recursion on our side, so that
/// depth and size are known to be bounded before anything grows.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, Source source, Problems& problems)
      : text_(text), source_(std::move(source)), problems_(problems) {}

  Node take() { return std::move(root_); }
  /// The innermost list or map that is still open; null when there is none.
  const Place* open_place() const {
    return levels_.empty() ? nullptr : &levels_.back().node.place();
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    // Of a value that is left out, yaml-cpp says where the next thing stands.
    Place place = at(mark);
    if (const Level* level = waiting_for_value(); level && level->key_place.line != place.line) {
      place = level->key_place;
    }
    finish(node.at(std::move(place)), anchor, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool in_quotes = tag == "!";
    if (in_quotes) check_quotes(mark);
    check_tag(tag, at(mark));
    if (value.find('\0') != std::string::npos) problems_.add(at(mark), "text must not hold \\0");
    finish(in_quotes ? Node::quoted(value, at(mark)) : Node::scalar(value, at(mark)), anchor, 0);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(at(mark), "an alias must not stand inside what it repeats");
    const Anchored& anchored = found->second;
    count(at(mark), anchored.nodes);
    check_depth(at(mark), anchored.height);
    finish(anchored.node, 0, anchored.height, anchored.nodes);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(tag, at(mark));
    open(Node::list({}, at(mark)), anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(tag, at(mark));
    open(Node::map(at(mark)), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map that is still being read.
  struct Level {
    Node node;
    YAML::anchor_t anchor = 0;
    std::size_t height = 0;  // levels below this one, so far
    std::size_t nodes = 1;
    bool has_key = false;
    std::optional<std::string> key;  // none: the key was at fault, and so its value is dropped
    Place key_place;
    std::unordered_set<std::string> keys;
  };
  struct Anchored {
    Node node;
    std::size_t height;
    std::size_t nodes;
  };

  Place at(const YAML::Mark& mark) const { return {source_, mark.line + 1, mark.column + 1}; }

  [[noreturn]] void stop(const Place& place, std::string message) {
    problems_.add(place, std::move(message));
    throw Stop{};
  }

  void check_tag(const std::string& tag, const Place& place) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    problems_.add(place, text("a tag (", shown(tag), ") has no meaning here; leave it out"));
  }

  /// yaml-cpp lets the end of the file close a quote.
  void check_quotes(const YAML::Mark& mark) {
    const auto first = static_cast<std::size_t>(mark.pos);
    if (first >= text_.size() || (text_[first] != '"' && text_[first] != '\'')) return;
    const char quote = text_[first];
    for (std::size_t i = first + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\' && quote == '"') {
        ++i;
      } else if (text_[i] == quote) {
        if (quote == '"' || i + 1 == text_.size() || text_[i + 1] != quote) return;
        ++i;  // '' stands for one
      }
    }
    stop(at(mark), "not valid YAML: this quote is never closed");
  }

  void check_depth(const Place& place, std::size_t below) {
    if (levels_.size() + below > kMostLevels) {
      stop(place, text("nested more than ", kMostLevels, " levels deep"));
    }
  }

  void count(const Place& place, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > kMostNodes) stop(place, text("more than ", kMostNodes, " values in one file"));
  }

  Level* waiting_for_value() {
    return !levels_.empty() && levels_.back().has_key ? &levels_.back() : nullptr;
  }

  void open(Node node, YAML::anchor_t anchor) {
    count(node.place(), 1);
    Level level;
    level.node = std::move(node);
    level.anchor = anchor;
    levels_.push_back(std::move(level));
    check_depth(levels_.back().node.place(), 0);
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    finish(std::move(level.node), level.anchor, level.height + 1, level.nodes);
  }

  /// A node is complete: it becomes an item, a key, a value or the root.
  void finish(Node node, YAML::anchor_t anchor, std::size_t height, std::size_t nodes = 1) {
    if (height == 0) count(node.place(), 1);
    if (anchor != 0) {
      count(node.place(), nodes);  // a copy is kept for the aliases
      anchors_.insert_or_assign(anchor, Anchored{node, height, nodes});
    }
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    level.height = std::max(level.height, height);
    level.nodes += nodes;
    if (level.node.is_list()) {
      level.node.items().push_back(std::move(node));
    } else if (!level.has_key) {
      take_key(level, node);
    } else {
      level.has_key = false;
      if (level.key) {
        level.node.entries().push_back({std::move(*level.key), level.key_place, std::move(node)});
      }
    }
  }

  void take_key(Level& level, const Node& node) {
    level.has_key = true;
    level.key.reset();
    level.key_place = node.place();
    if (!node.is_scalar()) {
      problems_.add(node.place(), text("a key must be a name, got ", shown(node)));
    } else if (!node.is_quoted() && node.text() == "<<") {
      problems_.add(node.place(), "merge keys (<<) are not supported; write the keys out");
    } else if (node.text().size() > kLongestKey) {
      problems_.add(node.place(), text("a key must be shorter than ", kLongestKey, " letters"));
    } else if (!level.keys.insert(node.text()).second) {
      problems_.add(node.place(), text("key ", shown(node.text()), " is repeated"));
    } else {
      level.key = node.text();
    }
  }

  std::string_view text_;
  Source source_;
  Problems& problems_;
  Node root_;
  std::vector<Level> levels_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
};

/// The place of a byte.
Place place_of(std::string_view text, std::size_t offset, const Source& source) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {source, static_cast<int>(line), static_cast<int>(offset - start) + 1};
}

/// What is not text at all, found before YAML sees it.
void check_bytes(std::string_view text, const Source& source, Problems& problems) {
  const auto stop = [&](std::size_t offset, std::string message) {
    problems.add(place_of(text, offset, source), std::move(message));
    throw Stop{};
  };
  if (text.size() > kMostBytes) stop(0, "larger than 1 MiB, which no experiment needs");
  std::size_t fault = 0;
  if (!is_utf8(text, &fault)) stop(fault, "not text in UTF-8");
  const auto is_control = [](unsigned char c) {
    return (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
  };
  const auto control = std::find_if(text.begin(), text.end(), is_control);
  if (control != text.end()) {
    stop(static_cast<std::size_t>(control - text.begin()),
         hourglass::text("a control character (byte ", static_cast<int>(*control),
                         ") does not belong into a text file"));
  }
}

/// The column of a tab in a line's indentation; 0 when there is none.
int tab_column(std::string_view text, int line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const std::size_t first = text.find_first_not_of(' ');
  const bool is_tab = first < text.size() && text[first] == '\t';
  return is_tab ? static_cast<int>(first) + 1 : 0;
}

/// Whether the text ended within brackets; the fault is where they were opened.
bool is_never_closed(const YAML::Exception& error, std::string_view text) {
  const bool in_brackets =
      error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW || error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW;
  const bool at_end =
      error.mark.pos <= 0 || static_cast<std::size_t>(error.mark.pos) >= text.size();
  return in_brackets && at_end;
}

/// What yaml-cpp found, said to somebody who knows no parser.
std::string_view in_plain_words(std::string_view said) {
  // yaml-cpp adds the anchor's name since 0.8; the place tells it anyway.
  constexpr std::string_view kNoAnchor = "the referenced anchor is not defined";
  if (said.starts_with(kNoAnchor)) return kNoAnchor;
  if (said == YAML::ErrorMsg::END_OF_MAP || said == YAML::ErrorMsg::END_OF_SEQ) {
    return "this line's indentation is that of no line above";
  }
  if (said == YAML::ErrorMsg::MAP_VALUE) {
    return "a colon cannot stand here; quote a text that holds one, or look for a colon that is "
           "missing in the line above";
  }
  if (said == YAML::ErrorMsg::BLOCK_ENTRY) return "an item of a list (-) cannot stand here";
  return said;
}

void report(const YAML::Exception& error, std::string_view text, const Source& source,
            const Builder& builder, Problems& problems) {
  if (is_never_closed(error, text) && builder.open_place()) {
    problems.add(*builder.open_place(), "not valid YAML: this bracket is never closed");
    return;
  }
  // A tab upsets its own line, or the next.
  const int last = std::max(error.mark.line, 0) + 1;
  for (int line = std::max(last - 1, 1); line <= last; ++line) {
    if (const int column = tab_column(text, line)) {
      problems.add({source, line, column}, "a tab stands in the indentation; YAML wants spaces");
      return;
    }
  }
  problems.add({source, last, std::max(error.mark.column, 0) + 1},
               hourglass::text("not valid YAML: ", in_plain_words(error.msg)));
}

Node parse(std::string_view text, const Source& source, Problems& problems) {
  check_bytes(text, source, problems);
  Builder builder(text, source, problems);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return Node().at({source, 1, 1});
    Node root = builder.take();
    Problems ignored;
    Builder second(text, source, ignored);
    if (parser.HandleNextDocument(second)) {
      problems.add(second.take().place(),
                   "the file goes on where it should end: a second document, or a wrong "
                   "indentation");
      throw Stop{};
    }
    return root;
  } catch (const YAML::Exception& error) {
    report(error, text, source, builder, problems);
  }
  throw Stop{};
}

}  // namespace

bool is_utf8(std::string_view text, std::size_t* fault) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    const unsigned next = byte(i + 1);
    std::size_t length = 1;
    bool good = lead < 0x80;
    if (lead >= 0xC2 && lead <= 0xDF) {
      length = 2;
      good = true;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      length = 3;  // neither overlong forms nor surrogates
      good = !(lead == 0xE0 && next < 0xA0) && !(lead == 0xED && next > 0x9F);
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      length = 4;
      good = !(lead == 0xF0 && next < 0x90) && !(lead == 0xF4 && next > 0x8F);
    }
    for (std::size_t k = 1; k < length; ++k) good = good && (byte(i + k) & 0xC0) == 0x80;
    if (!good) {
      if (fault) *fault = i;
      return false;
    }
    i += length;
  }
  return true;
}

Node parse_text(std::string_view text, const std::string& name, Problems& problems) {
  try {
    return parse(text, std::make_shared<const std::string>(name), problems);
  } catch (const Stop&) {
    problems.throw_if_any();
    throw;
  }
}

Node parse_text(std::string_view text, const std::string& name) {
  Problems problems;
  Node node = parse_text(text, name, problems);
  problems.throw_if_any();
  return node;
}

Node parse_file(const std::filesystem::path& path, Problems& problems) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw DataError(text(path.string(), ": there is no such file"));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw DataError(text(path.string(), ": not a file; give a YAML file"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(text(path.string(), ": cannot be read: ", std::strerror(errno)));
  // One byte beyond the limit, so that the check of the size sees it.
  std::string content(std::min<std::uintmax_t>(std::filesystem::file_size(path), kMostBytes + 1),
                      '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  return parse_text(content, path.string(), problems);
}

Node parse_file(const std::filesystem::path& path) {
  Problems problems;
  Node node = parse_file(path, problems);
  problems.throw_if_any();
  return node;
}

}  // namespace hourglass::config
