#include <cli/progress.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/text.hpp>

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hourglass::cli {

namespace {

constexpr std::chrono::milliseconds kBetweenDrawings{100};
constexpr std::size_t kLongestBar = 40;
constexpr std::size_t kShortestBar = 8;
constexpr const char* kWipeLine = "\r\033[K";

/// Whether a tenth of a second has passed; if so, the time starts anew.
bool is_due(std::chrono::steady_clock::time_point& last) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last < kBetweenDrawings) return false;
  last = now;
  return true;
}

void draw(const std::string& line) {
  std::fputs((kWipeLine + line).c_str(), stderr);
  std::fflush(stderr);
}

std::string bar(double part, std::size_t width) {
  const std::size_t inner = width - 2;
  const auto full =
      static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(inner));
  return "[" + std::string(full, '#') + std::string(inner - full, '.') + "]";
}

std::string speed_text(const TrainProgress& progress) {
  const double speed = progress.samples_per_second;
  if (!std::isfinite(speed) || speed < 0 || speed > 1e15) return "? samples/s";
  return grouped(std::llround(speed)) + " samples/s";
}

}  // namespace

std::string progress_line(const TrainProgress& progress, int width) {
  const std::size_t room = width > 1 ? static_cast<std::size_t>(width - 1) : 0;
  std::string line = text("epoch ", progress.epoch, "/", progress.epochs);
  std::string rest;
  for (const std::string& part :
       {text("  loss ", short_number(progress.loss)), "  " + speed_text(progress),
        text("  ", clock_text(progress.seconds_left), " left")}) {
    if (line.size() + rest.size() + part.size() <= room) rest += part;
  }
  const double all = static_cast<double>(progress.epochs) * static_cast<double>(progress.steps);
  const double done =
      static_cast<double>(progress.epoch - 1) * static_cast<double>(progress.steps) +
      static_cast<double>(progress.step);
  const std::size_t left = room - std::min(room, line.size() + rest.size() + 1);
  if (left >= kShortestBar) {
    line += " " + bar(all > 0 ? done / all : 0, std::min(left, kLongestBar));
  }
  return (line + rest).substr(0, room);
}

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(is_terminal(STDERR_FILENO)) {}
Progress::~Progress() { wipe(); }

void Progress::wipe() {
  if (drawn_) draw("");
  drawn_ = false;
}

void Progress::say(const std::string& line) {
  wipe();
  print_message(line);
}

void Progress::note(const std::string& line) {
  if (!quiet_) say(line);
}

void Progress::warning(const std::string& line) { say("warning: " + line); }

void Progress::progress(const TrainProgress& progress) {
  if (quiet_ || !terminal_ || !is_due(last_drawn_)) return;
  draw(progress_line(progress, terminal_width(STDERR_FILENO)));
  drawn_ = true;
}

void Progress::epoch_done(const TrainProgress& progress, const NamedNumbers& row) {
  if (quiet_ || terminal_) return;
  std::string line = text("epoch ", progress.epoch, "/", progress.epochs);
  for (const auto& [name, value] : row) {
    if (name.ends_with("/loss")) line += text("  ", name, " ", short_number(value));
  }
  print_message(
      text(line, "  ", speed_text(progress), "  ", clock_text(progress.seconds_left), " left"));
}

FetchDisplay::FetchDisplay() : terminal_(is_terminal(STDERR_FILENO)) {}

void FetchDisplay::show(const std::string& name, std::uint64_t done, std::uint64_t bytes) {
  if (!terminal_ || !is_due(last_drawn_)) return;
  const std::string line = text(name, ": ", byte_text(done), " of ", byte_text(bytes));
  draw(harmless(line, static_cast<std::size_t>(std::max(terminal_width(STDERR_FILENO) - 1, 4))));
}

void FetchDisplay::finish(const std::string& name, const std::string& what) {
  if (terminal_) draw("");
  print_message(text(name, ": ", what));
}

}  // namespace hourglass::cli
