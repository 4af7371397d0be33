#include <cli/sweep_progress.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/text.hpp>

#include <unistd.h>
#include <algorithm>
#include <cstdio>

namespace hourglass::cli {

namespace {

constexpr std::chrono::milliseconds kBetweenTables{200};
constexpr std::size_t kMostShown = 16;

std::string cut_to_width(const std::string& line, int width) {
  return harmless(line, static_cast<std::size_t>(std::max(width - 1, 4)));
}

std::string running_line(const RunningRun& run) {
  if (run.epoch == 0) return text("  ", run.label, "  begins");
  return text("  ", run.label, "  epoch ", run.epoch, "/", run.epochs, "  loss ",
              short_number(run.loss));
}

}  // namespace

std::vector<std::string> sweep_table(const SweepProgress& progress, int width) {
  std::string head = text("completed ", progress.completed, "/", progress.runs);
  if (progress.stopped > 0) head += text("  ended early ", progress.stopped);
  head += text("  running ", progress.running.size());
  if (progress.failed > 0) head += text("  failed ", progress.failed);
  head += "  " + clock_text(progress.seconds);
  if (progress.seconds_left) head += text("  ", clock_text(*progress.seconds_left), " left");
  std::vector<std::string> lines{cut_to_width(head, width)};
  for (std::size_t i = 0; i < std::min(progress.running.size(), kMostShown); ++i) {
    lines.push_back(cut_to_width(running_line(progress.running[i]), width));
  }
  if (progress.best) {
    lines.push_back(cut_to_width(text("best ", progress.metric, " so far ",
                                      short_number(*progress.best), ": ", progress.best_label),
                                 width));
  }
  return lines;
}

std::string ended_line(const EndedRun& run, const SweepProgress& progress) {
  const std::size_t over = progress.completed + progress.stopped + progress.failed;
  std::string line = text(over, "/", progress.runs, " ", name_of(run.status), ": ", run.label);
  if (run.value) line += text("  ", progress.metric, " ", short_number(*run.value));
  if (!run.message.empty()) line += ": " + run.message;
  if (run.status == SweepStatus::Stopped) return line;
  return line + (run.message.empty() ? "  " : "; after ") + clock_text(run.seconds);
}

SweepDisplay::SweepDisplay(bool quiet) : quiet_(quiet), terminal_(is_terminal(STDERR_FILENO)) {}
SweepDisplay::~SweepDisplay() { wipe(); }

void SweepDisplay::wipe() {
  // To the first line that was drawn, and from there clears the rest of the screen.
  if (drawn_ > 1) std::fputs(text("\033[", drawn_ - 1, "A").c_str(), stderr);
  if (drawn_ > 0) std::fputs("\r\033[J", stderr);
  std::fflush(stderr);
  drawn_ = 0;
}

void SweepDisplay::say(const std::string& line) {
  wipe();
  print_message(line);
}

void SweepDisplay::note(const std::string& line) {
  if (!quiet_) say(line);
}

void SweepDisplay::progress(const SweepProgress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || !terminal_ || now - last_drawn_ < kBetweenTables) return;
  last_drawn_ = now;
  wipe();
  for (const std::string& line : sweep_table(progress, terminal_width(STDERR_FILENO))) {
    std::fputs(((drawn_ > 0 ? "\n" : "") + line).c_str(), stderr);
    ++drawn_;
  }
  std::fflush(stderr);
}

void SweepDisplay::run_ended(const EndedRun& run, const SweepProgress& progress) {
  const bool bad = run.status == SweepStatus::Failed || run.status == SweepStatus::Diverged;
  if (bad || !quiet_) say(ended_line(run, progress));
}

}  // namespace hourglass::cli
