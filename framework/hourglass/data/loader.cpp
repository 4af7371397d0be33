#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/block_order.hpp>
#include <hourglass/data/loader.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

namespace hourglass {
namespace {

/// The memory of one batch.
class Slot {
 public:
  /// `classes`: how wide Batch::labels are; 0: none.
  Slot(const Source& source, std::int64_t batch, std::int64_t classes)
      : samples_(source.sample_shape().size() * batch),
        indices_(batch),
        labels_(classes * batch),
        width_(classes) {
    if (source.labels().has_classes()) classes_.resize(batch);
    if (source.labels().has_factors()) {
      factors_.resize(batch * source.labels().factors.shape().back());
    }
  }

  /// `on_team`: by the calling thread with its team, else by the calling thread alone.
  void fill(const Source& source, std::span<const std::uint32_t> indices, std::int64_t epoch,
            std::int64_t number, bool on_team) {
    const std::size_t count = indices.size();
    std::ranges::copy(indices, indices_.begin());
    const float* samples = stand_in_order(indices) ? source.in_place(indices.front()) : nullptr;
    if (samples != nullptr) {
      // Nothing to do.
    } else if (on_team) {
      const std::int64_t width = source.sample_shape().size();
      parallel_for(static_cast<std::int64_t>(count), 16, [&](std::int64_t begin, std::int64_t end) {
        source.read(indices.subspan(begin, end - begin), samples_.data() + begin * width);
      });
    } else {
      source.read(indices, samples_.data());
    }
    batch_ = {.epoch = epoch,
              .number = number,
              .size = static_cast<std::int64_t>(count),
              .samples = samples != nullptr ? samples : samples_.data(),
              .indices = std::span(indices_).first(count),
              .classes = {},
              .factors = {},
              .labels = labels_.empty() ? nullptr : labels_.data()};
    if (!classes_.empty()) {
      const auto from = source.labels().classes.values<std::int64_t>();
      for (std::size_t i = 0; i < count; ++i) classes_[i] = from[indices[i]];
      batch_.classes = std::span(classes_).first(count);
    }
    if (!labels_.empty()) {
      std::ranges::fill(labels_, 0.0f);
      for (std::size_t i = 0; i < count; ++i) labels_[i * width_ + classes_[i]] = 1.0f;
    }
    if (!factors_.empty()) {
      const std::size_t width = source.labels().factors.shape().back();
      const auto from = source.labels().factors.floats();
      for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(from.data() + indices[i] * width, width, factors_.data() + i * width);
      }
      batch_.factors = std::span(factors_).first(count * width);
    }
  }
  const Batch& batch() const { return batch_; }

 private:
  static bool stand_in_order(std::span<const std::uint32_t> indices) {
    for (std::size_t i = 1; i < indices.size(); ++i) {
      if (indices[i] != indices[i - 1] + 1) return false;
    }
    return !indices.empty();
  }

  std::vector<float> samples_;
  std::vector<std::uint32_t> indices_;
  std::vector<std::int64_t> classes_;
  std::vector<float> factors_;
  std::vector<float> labels_;
  std::size_t width_;
  Batch batch_;
};

/// What one-hot labels are made of has to be there.
void check_classes(const Source& source, std::span<const std::uint32_t> rows,
                   std::int64_t classes) {
  if (classes == 0) return;
  const Labels& labels = source.labels();
  if (!labels.has_classes()) {
    throw DataError("the model needs labels, and these samples have none");
  }
  const auto values = labels.classes.values<std::int64_t>();
  const auto check = [&](std::uint32_t row) {
    if (values[row] >= 0 && values[row] < classes) return;
    throw DataError(text("the model needs labels, and sample ", row, " has the class ", values[row],
                         "; expected 0 to ", classes - 1));
  };
  for (const std::uint32_t row : rows) check(row);
  if (!rows.empty()) return;
  for (std::uint32_t row = 0; row < values.size(); ++row) check(row);
}

}  // namespace

void LoaderOptions::validate() const {
  if (batch < 1) throw ConfigError(text("batch must be >= 1, got ", batch));
  if (ahead < 1) throw ConfigError(text("ahead must be >= 1, got ", ahead));
}

/// The ring: the thread fills slots [taken, taken + ahead], the caller holds the one it took last.
/// Slots are counted from the start and never reset, so that `filled - taken` says how many wait.
struct Loader::State {
  State(const Source& source, LoaderOptions options)
      : source(source), options(std::move(options)) {}

  std::int64_t count() const {
    return options.rows.empty() ? source.size() : std::ssize(options.rows);
  }
  std::int64_t per_epoch() const {
    return options.drop_last ? count() / options.batch
                             : (count() + options.batch - 1) / options.batch;
  }

  void order_epoch(std::int64_t epoch) {
    const auto samples = static_cast<std::uint32_t>(count());
    if (options.shuffle) {
      const auto [size, window] = source.blocks();
      const std::int64_t block = block_of_rows(size, options.rows);
      order = block_order(samples, static_cast<std::uint32_t>(block),
                          static_cast<std::uint32_t>(window), options.seed, options.stream,
                          static_cast<std::uint64_t>(epoch));
      choose();
    } else if (order.empty()) {
      order.resize(samples);
      std::iota(order.begin(), order.end(), 0u);
      choose();
    }
  }

  /// From places among the chosen samples to samples.
  void choose() {
    if (options.rows.empty()) return;
    for (std::uint32_t& place : order) place = options.rows[place];
  }

  void work(std::int64_t epoch, std::int64_t number) {
    try {
      order_epoch(epoch);
      while (Slot* slot = wait_for_room()) {
        const std::int64_t first = number * options.batch;
        const std::int64_t size = std::min(options.batch, count() - first);
        slot->fill(source, std::span(order).subspan(first, size), epoch, number, false);
        publish();
        if (++number == per_epoch()) {
          number = 0;
          order_epoch(++epoch);
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      changed.notify_all();
    }
  }

  Slot* wait_for_room() {
    std::unique_lock lock(mutex);
    // One slot more than waits ahead: the one that the caller still reads.
    changed.wait(lock, [&] { return stopping || filled - taken < options.ahead; });
    return stopping ? nullptr : &slots[filled % slots.size()];
  }

  void publish() {
    const std::lock_guard lock(mutex);
    ++filled;
    changed.notify_all();
  }

  /// The next batch, made now.
  const Batch& make(Slot& slot) {
    const std::int64_t first = own_number * options.batch;
    const std::int64_t size = std::min(options.batch, count() - first);
    slot.fill(source, std::span(order).subspan(first, size), own_epoch, own_number, true);
    if (++own_number == per_epoch()) {
      own_number = 0;
      ++own_epoch;
      ordered = false;
    }
    return slot.batch();
  }

  void start(std::int64_t epoch, std::int64_t number) {
    if (on_team) {
      own_epoch = epoch;
      own_number = number;
      return;
    }
    thread = std::thread([this, epoch, number] {
      use_any_processor();
      work(epoch, number);
    });
  }

  void stop() {
    if (!thread.joinable()) return;
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      changed.notify_all();
    }
    thread.join();
  }

  const Source& source;
  LoaderOptions options;
  std::vector<Slot> slots;
  std::vector<std::uint32_t> order;

  // Without a thread.
  bool on_team = false;
  bool ordered = false;
  std::int64_t own_epoch = 0;
  std::int64_t own_number = 0;

  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::int64_t filled = 0;
  std::int64_t taken = 0;
  bool stopping = false;
  std::exception_ptr failure;
};

Loader::Loader(const Source& source, LoaderOptions options, std::int64_t epoch,
               std::int64_t number) {
  options.validate();
  state_ = std::make_unique<State>(source, std::move(options));
  if (state_->per_epoch() == 0) {
    throw DataError(text("there are ", state_->count(), " samples, fewer than one batch of ",
                         state_->options.batch));
  }
  check_classes(source, state_->options.rows, state_->options.classes);
  state_->on_team = source.in_memory() && thread_count() >= processor_count();
  const int slots = state_->on_team ? 1 : state_->options.ahead + 1;
  for (int i = 0; i < slots; ++i) {
    state_->slots.emplace_back(source, std::min(state_->options.batch, state_->count()),
                               state_->options.classes);
  }
  assert(epoch >= 0 && number >= 0);
  state_->start(epoch + number / batches_per_epoch(), number % batches_per_epoch());
}

Loader::~Loader() { state_->stop(); }

std::int64_t Loader::batches_per_epoch() const { return state_->per_epoch(); }

const Batch& Loader::next() {
  if (state_->on_team) {
    if (!state_->ordered) state_->order_epoch(state_->own_epoch);
    state_->ordered = true;
    return state_->make(state_->slots.front());
  }
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(
      lock, [&] { return state_->filled > state_->taken || state_->failure != nullptr; });
  if (state_->filled == state_->taken) std::rethrow_exception(state_->failure);
  const Batch& batch = state_->slots[state_->taken % state_->slots.size()].batch();
  ++state_->taken;
  state_->changed.notify_all();
  return batch;
}

struct SequentialReader::State {
  State(const Source& source, std::int64_t batch, std::int64_t classes)
      : source(source),
        batch(std::min(batch, std::max<std::int64_t>(source.size(), 1))),
        slot(source, this->batch, classes),
        indices(this->batch) {}
  const Source& source;
  std::int64_t batch;
  Slot slot;
  std::vector<std::uint32_t> indices;
  std::int64_t number = 0;
};

SequentialReader::SequentialReader(const Source& source, std::int64_t batch, std::int64_t classes) {
  if (batch < 1) throw ConfigError(text("batch must be >= 1, got ", batch));
  check_classes(source, {}, classes);
  state_ = std::make_unique<State>(source, batch, classes);
}

SequentialReader::~SequentialReader() = default;

const Batch* SequentialReader::next() {
  const std::int64_t first = state_->number * state_->batch;
  const std::int64_t size = std::min(state_->batch, state_->source.size() - first);
  if (size <= 0) return nullptr;
  const auto indices = std::span(state_->indices).first(static_cast<std::size_t>(size));
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(first));
  state_->slot.fill(state_->source, indices, 0, state_->number++, state_->source.in_memory());
  return &state_->slot.batch();
}

}  // namespace hourglass
