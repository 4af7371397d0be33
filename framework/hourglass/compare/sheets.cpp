#include <hourglass/compare/choose_metrics.hpp>
#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/number_text.hpp>
#include <hourglass/compare/sheets.hpp>
#include <hourglass/compare/shown_keys.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

namespace hourglass::compare {

namespace {

constexpr std::size_t kLongestCell = 60;

/// Writes the tables of one comparison.
class SheetWriter {
 public:
  SheetWriter(const Comparison& comparison, std::size_t most_rows)
      : comparison_(comparison), most_rows_(most_rows), keys_(shown_keys(comparison).shown) {}

  std::vector<Sheet> write() {
    if (!comparison_.groups.empty()) {
      for (const std::size_t metric : comparison_.chosen) add_metric(metric);
      add_costs();
    }
    for (const std::size_t metric : paired_metrics()) add_pairs(metric);
    if (comparison_.pareto) add_front(*comparison_.pareto);
    add_left_out();
    add_legend();
    return std::move(sheets_);
  }

 private:
  using Row = std::vector<std::string>;

  Row point_headings() const {
    Row headings;
    for (const std::string& key : keys_) headings.push_back(short_key(key, keys_));
    return headings;
  }

  Row point_cells(std::size_t group) const {
    Row cells;
    for (const std::string& key : keys_) {
      const PointValue* value = find_value(comparison_.groups[group].group.point, key);
      cells.push_back(value == nullptr ? "" : clean_text(value->text, kLongestCell));
    }
    return cells;
  }

  std::string group_name(std::size_t group) const {
    std::string name;
    for (const std::string& cell : point_cells(group)) {
      if (!cell.empty()) name += (name.empty() ? "" : ", ") + cell;
    }
    return name;
  }

  std::string metric_name(std::size_t metric) const {
    const MetricInfo& info = comparison_.metrics[metric];
    return info.unit.empty() ? info.name : text(info.name, ", ", info.unit);
  }

  /// "3", or "3 of 5" where not all runs of the group count.
  std::string count_text(std::size_t group, std::size_t n) const {
    const std::size_t all = comparison_.groups[group].group.runs.size();
    return n == all ? text(n) : text(n, " of ", all);
  }

  /// What must be known to read a group's numbers: what its other runs came to.
  std::string caveat(std::size_t group, const MetricSummary* summary) const {
    const RunGroup& of = comparison_.groups[group].group;
    std::string out;
    const auto say = [&](std::size_t count, std::string_view what) {
      if (count > 0) out += text(out.empty() ? "" : ", ", count, " ", what);
    };
    for (std::size_t i = 0; i < kStatusCount; ++i) {
      const auto status = static_cast<Status>(i);
      if (status != Status::Completed) say(of.with_status(status), name_of(status));
    }
    say(of.repeats(), of.repeats() == 1 ? "repeats a seed" : "repeat a seed");
    const std::size_t not_finite = summary == nullptr ? 0 : summary->not_finite;
    const std::size_t have = summary == nullptr ? 0 : summary->values.size() + not_finite;
    const std::size_t lack = of.counted.size() - have;
    say(not_finite, "not finite");
    say(lack, lack == 1 ? "lacks it" : "lack it");
    return out;
  }

  std::string standing_text(std::size_t group, Standing standing,
                            const MetricSummary* summary) const {
    const std::string mark = standing == Standing::Best    ? "best"
                             : standing == Standing::Worse ? "worse"
                                                           : "";
    const std::string said = caveat(group, summary);
    if (mark.empty() || said.empty()) return mark + said;
    return text(mark, "; ", said);
  }

  void add_metric(std::size_t metric) {
    const MetricInfo& info = comparison_.metrics[metric];
    const char* direction = info.direction == Direction::Lower    ? " (lower is better)"
                            : info.direction == Direction::Higher ? " (higher is better)"
                                                                  : "";
    Sheet sheet{.title = metric_name(metric) + direction, .rows = {point_headings()}, .notes = {}};
    for (const char* heading : {"mean ± sd", "95 % interval", "n", "rank", "standing"}) {
      sheet.rows[0].push_back(heading);
    }
    const std::vector<Standing> all = standings(comparison_, metric);
    for (std::size_t group = 0; group < comparison_.groups.size(); ++group) {
      const MetricSummary* summary = comparison_.groups[group].find(metric);
      const Estimate none{.mean = std::numeric_limits<double>::quiet_NaN(),
                          .interval = {std::numeric_limits<double>::quiet_NaN(), 0}};
      const Estimate& estimate = summary == nullptr ? none : summary->estimate;
      Row row = point_cells(group);
      row.push_back(mean_text(estimate));
      row.push_back(interval_text(estimate));
      row.push_back(count_text(group, estimate.n));
      row.push_back(summary == nullptr ? "" : rank_text(summary->rank));
      row.push_back(standing_text(group, all[group], summary));
      sheet.rows.push_back(std::move(row));
    }
    add(std::move(sheet), "groups");
  }

  /// Parameters, seconds and the like, beside the metric that leads.
  void add_costs() {
    static constexpr std::array<std::pair<const char*, const char*>, 4> kCosts = {
        {{"parameters", "parameters"},
         {"seconds", "seconds"},
         {"samples_per_second", "samples/s"},
         {"peak_memory_mib", "memory, MiB"}}};
    std::vector<std::size_t> metrics;
    Sheet sheet{.title = "Cost", .rows = {point_headings()}, .notes = {}};
    const auto add_column = [&](std::size_t metric, std::string heading) {
      metrics.push_back(metric);
      sheet.rows[0].push_back(std::move(heading));
    };
    if (!comparison_.chosen.empty()) {
      const std::size_t first = comparison_.chosen.front();
      sheet.title += " beside " + comparison_.metrics[first].name;
      const std::string& name = comparison_.metrics[first].name;
      add_column(first, name.substr(name.rfind('/') + 1));
    }
    for (const auto& [name, heading] : kCosts) {
      const auto at = std::ranges::find(comparison_.metrics, name, &MetricInfo::name);
      if (at == comparison_.metrics.end()) continue;
      add_column(static_cast<std::size_t>(at - comparison_.metrics.begin()), heading);
    }
    sheet.rows[0].push_back("n");
    for (std::size_t group = 0; group < comparison_.groups.size(); ++group) {
      const std::size_t counted = comparison_.groups[group].group.counted.size();
      Row row = point_cells(group);
      for (const std::size_t metric : metrics) {
        const MetricSummary* summary = comparison_.groups[group].find(metric);
        std::string cell = summary == nullptr ? "" : mean_text(summary->estimate);
        const bool fewer = !cell.empty() && summary->estimate.n != counted;
        row.push_back(fewer ? text(cell, " (n ", summary->estimate.n, ")") : cell);
      }
      row.push_back(count_text(group, counted));
      sheet.rows.push_back(std::move(row));
    }
    add(std::move(sheet), "groups");
  }

  /// Those whose comparisons are shown: the first, or all that were asked for.
  std::vector<std::size_t> paired_metrics() const {
    if (comparison_.groups.size() < 2) return {};
    if (comparison_.metrics_asked) return comparison_.chosen;
    for (const std::size_t metric : comparison_.chosen) {
      if (comparison_.metrics[metric].direction != Direction::Unknown) return {metric};
    }
    return {};
  }

  void add_pairs(std::size_t metric) {
    Sheet sheet{.title = text("Paired comparisons by ", comparison_.metrics[metric].name),
                .rows = {},
                .notes = {}};
    sheet.rows = {{"first", "second", "first - second", "95 % interval", "pairs", "p (Holm)",
                   "P(better)", "verdict"}};
    bool enough = false;
    for (const GroupPair& pair : comparison_.pairs) {
      if (pair.metric != metric) continue;
      enough = enough || pair.verdict != Verdict::TooFewSeeds;
      sheet.rows.push_back(
          {group_name(pair.first), group_name(pair.second), mean_alone_text(pair.test.difference),
           interval_text(pair.test.difference), text(pair.test.difference.n),
           p_text(pair.p_adjusted), probability_text(pair.probability), verdict_text(pair)});
    }
    if (sheet.rows.size() == 1) return;
    if (!enough) {
      sheet.rows.clear();
      sheet.notes.push_back("No two groups share two seeds: nothing can be said of differences.");
    } else if (comparison_.groups.size() > kMostForAllPairs) {
      sheet.notes.push_back(
          text("Each group with the best, since there are more than ", kMostForAllPairs,
               "; p is adjusted for all pairs of groups, since the same runs say which is best."));
    }
    if (enough) std::ranges::move(verdict_notes(metric), std::back_inserter(sheet.notes));
    add(std::move(sheet), "comparisons");
  }

  /// Short, so that it has room beside the numbers; a note says more.
  static std::string verdict_text(const GroupPair& pair) {
    switch (pair.verdict) {
      case Verdict::FirstBetter: return "first is better";
      case Verdict::SecondBetter: return "second is better";
      case Verdict::NotShown: return "not shown";
      case Verdict::NotAfterCorrection: return text("not shown in ", pair.adjusted_for);
      case Verdict::TooFewSeeds: break;
    }
    return "too few seeds";
  }

  /// What the verdicts of a metric mean, as far as they need to be told.
  std::vector<std::string> verdict_notes(std::size_t metric) const {
    std::size_t adjusted_for = 0;
    bool not_shown = false;
    for (const GroupPair& pair : comparison_.pairs) {
      if (pair.metric != metric) continue;
      if (pair.verdict == Verdict::NotAfterCorrection) adjusted_for = pair.adjusted_for;
      not_shown = not_shown || pair.verdict == Verdict::NotShown;
    }
    std::vector<std::string> notes;
    if (not_shown) {
      notes.emplace_back(
          "\"not shown\": no difference is shown, which does not say that they are equal.");
    }
    if (adjusted_for > 0) {
      notes.push_back(text("\"not shown in ", adjusted_for,
                           "\": alone the two would be told apart, but not after the correction "
                           "for ",
                           adjusted_for, " comparisons, which the interval knows nothing of."));
    }
    return notes;
  }

  void add_front(const ParetoFront& front) {
    Sheet sheet{.title = text("Pareto front of ", comparison_.metrics[front.first].name, " and ",
                              comparison_.metrics[front.second].name),
                .rows = {point_headings()},
                .notes = {"No other group is as good in both and better in one, by the means."}};
    sheet.rows[0].push_back(metric_name(front.first));
    sheet.rows[0].push_back(metric_name(front.second));
    sheet.rows[0].push_back("n");
    for (const std::size_t group : front.groups) {
      Row row = point_cells(group);
      for (const std::size_t metric : {front.first, front.second}) {
        row.push_back(mean_text(comparison_.groups[group].find(metric)->estimate));
      }
      row.push_back(count_text(group, comparison_.groups[group].group.counted.size()));
      sheet.rows.push_back(std::move(row));
    }
    add(std::move(sheet), "groups");
  }

  /// Runs that do not count, with the reason, and what was found that is no run.
  void add_left_out() {
    Sheet sheet{.title = "Not in the means", .rows = {{"folder", "status", "why"}}, .notes = {}};
    std::size_t waiting = 0;
    for (const Run& run : comparison_.runs) {
      if (run.result.status == Status::Completed) continue;
      if (run.result.status == Status::Waiting) {
        ++waiting;
        continue;
      }
      sheet.rows.push_back(
          {run.result.folder, std::string(name_of(run.result.status)), run.result.message});
    }
    for (const Fault& fault : comparison_.faults) {
      sheet.rows.push_back({fault.where, "no run", fault.what});
    }
    if (waiting > 0) {
      sheet.notes.push_back(
          text(waiting, waiting == 1 ? " run is" : " runs are", " still to come."));
    }
    if (sheet.rows.size() == 1) sheet.rows.clear();
    if (!sheet.rows.empty() || !sheet.notes.empty()) add(std::move(sheet), "folders");
  }

  void add_legend() {
    if (comparison_.groups.empty()) return;
    Sheet sheet{.title = "", .rows = {}, .notes = {}};
    sheet.notes.push_back(
        "Mean ± standard deviation (n - 1) over seeds. Intervals are 95 % ones of the mean: "
        "Student's "
        "t below 10 seeds, BCa bootstrap from 10.");
    if (const std::string ranks = rank_legend(); !ranks.empty()) sheet.notes.push_back(ranks);
    if (comparison_.groups.size() > 1 && !comparison_.pairs.empty()) {
      sheet.notes.push_back(
          "A group is called better only where, paired over the seeds that both have, the interval "
          "of the difference excludes 0 and Holm's adjusted p is below 0.05. best: shown to be "
          "better "
          "than each other group; worse: the one with the best mean is shown to be better. No "
          "mark: nothing is shown, even of the worst mean, as where its spread is large.");
    }
    const std::vector<std::string> hidden = shown_keys(comparison_).left_out;
    if (!hidden.empty()) {
      std::string keys;
      for (const std::string& key : hidden) keys += (keys.empty() ? "" : ", ") + key;
      sheet.notes.push_back("The variants also differ in " + clean_text(keys, 200) + ".");
    }
    for (const std::string& note : comparison_.notes) sheet.notes.push_back(note + ".");
    sheets_.push_back(std::move(sheet));
  }

  std::string rank_legend() const {
    std::set<RankedBy> manners;
    for (const std::size_t metric : comparison_.chosen) {
      manners.insert(comparison_.metrics[metric].ranked_by);
    }
    manners.erase(RankedBy::Nothing);
    if (manners.empty() || comparison_.groups.size() < 2) return "";
    if (manners.size() > 1) {
      return "Ranks are means over seeds of the rank within each where all groups have the same "
             "seeds, else those of the means.";
    }
    return *manners.begin() == RankedBy::Seeds
               ? "A rank is the mean over seeds of the rank within each."
               : "Ranks are those of the means: groups do not all have the same seeds, or one "
                 "alone.";
  }

  void add(Sheet sheet, const char* rows) {
    if (sheet.rows.size() > most_rows_ + 1) {
      sheet.notes.push_back(text("And ", sheet.rows.size() - 1 - most_rows_, " more ", rows,
                                 "; --format csv or json has all."));
      sheet.rows.resize(most_rows_ + 1);
    }
    sheets_.push_back(std::move(sheet));
  }

  const Comparison& comparison_;
  std::size_t most_rows_;
  std::vector<std::string> keys_;
  std::vector<Sheet> sheets_;
};

}  // namespace

std::vector<Sheet> sheets_of(const Comparison& comparison, std::size_t most_rows) {
  return SheetWriter(comparison, most_rows).write();
}

}  // namespace hourglass::compare
