#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/data/split.hpp>
#include <hourglass/train/batch_streams.hpp>

#include <doctest/doctest.h>
#include <support/streams_training.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using Rows = std::vector<std::uint32_t>;

Rows rows_of(const Batch& batch) { return {batch.indices.begin(), batch.indices.end()}; }

std::string refusal(Model& model, const DataSet& data) {
  try {
    check_labels(model, data);
  } catch (const OptionError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("train/batch_streams") {
  TEST_CASE("a step is due on each n-th batch") {
    TrainStepTraits step;
    step.every = 3;
    std::vector<bool> due;
    for (std::int64_t i = 0; i < 6; ++i) due.push_back(is_due(step, i));
    CHECK(due == std::vector<bool>{false, false, true, false, false, true});
    step.every = 1;
    CHECK(is_due(step, 0));
  }

  TEST_CASE("each stream has its own samples, batch size and order, and moves when it is read") {
    const DataSet data = test::labelled_data(30, 12);  // batches of 8, 8, 8, 6
    Model model(test::streams("{labelled_batch: 5}"));
    TrainingState state;
    BatchStreams streams(model, data, 8, 1, state);
    CHECK(streams.batches_per_epoch() == 4);
    CHECK(streams.size(2) == 8);
    CHECK(streams.size(3) == 6);
    const auto expected = [](const char* name, std::uint32_t count, std::uint64_t pass) {
      return permutation(count, 1, name, pass);
    };
    Rows all, labelled, second;
    for (; state.step < 12;
         ++state.step) {  // three epochs: 12 batches, 6 of them labelled, 4 second
      const Rows batch = rows_of(streams.current(Stream::All));
      CHECK(rows_of(streams.current(Stream::All)) == batch);
      all.insert(all.end(), batch.begin(), batch.end());
      if (state.step % 2 == 1) {
        const Batch& some = streams.current(Stream::Labelled);
        REQUIRE(some.size == 5);
        REQUIRE(some.labels != nullptr);
        for (int i = 0; i < 5; ++i) {
          for (int k = 0; k < 3; ++k) {
            CHECK(some.labels[i * 3 + k] == (k == static_cast<int>(some.indices[i]) % 3 ? 1 : 0));
          }
        }
        const Rows rows = rows_of(some);
        labelled.insert(labelled.end(), rows.begin(), rows.end());
      }
      if (state.step % 3 == 2) {
        CHECK(streams.current(Stream::Second).labels == nullptr);
        const Rows rows = rows_of(streams.current(Stream::Second));
        second.insert(second.end(), rows.begin(), rows.end());
      }
      streams.advance(state);
    }
    CHECK(state.streams == std::vector<std::int64_t>{12, 6, 4});
    // Passes of 2 batches of 5 out of 12 labelled samples, then anew.
    REQUIRE(labelled.size() == 30);
    for (int pass = 0; pass < 3; ++pass) {
      const Rows order = expected("order.labelled", 12, static_cast<std::uint64_t>(pass));
      for (int i = 0; i < 10; ++i) CHECK(labelled[pass * 10 + i] == data.labelled[order[i]]);
    }
    // Passes of 3 batches of 8 out of 30.
    REQUIRE(second.size() == 32);
    const Rows first_pass = expected("order.second", 30, 0), next = expected("order.second", 30, 1);
    CHECK(std::equal(second.begin(), second.begin() + 24, first_pass.begin()));
    CHECK(std::equal(second.begin() + 24, second.end(), next.begin()));
    REQUIRE(all.size() == 90);
    CHECK(std::equal(all.begin(), all.begin() + 30, expected("order", 30, 0).begin()));
    CHECK(std::set(all.begin() + 30, all.begin() + 60).size() == 30);
  }

  TEST_CASE("streams go on where the state says, in the middle of a batch too") {
    const DataSet data = test::labelled_data(30, 12);
    Model model(test::streams("{}"));
    TrainingState state;
    BatchStreams unbroken(model, data, 8, 1, state);
    for (; state.step < 5; ++state.step) {
      unbroken.current(Stream::All);
      unbroken.advance(state);  // the other streams move even if nobody has looked
    }
    CHECK(state.streams == std::vector<std::int64_t>{5, 2, 1});
    state.epoch = 1;
    state.batch = 1;
    BatchStreams resumed(model, data, 8, 1, state);
    for (const Stream stream : {Stream::All, Stream::Labelled, Stream::Second}) {
      CHECK(rows_of(resumed.current(stream)) == rows_of(unbroken.current(stream)));
    }
  }

  TEST_CASE("a batch is never larger than its stream") {
    const DataSet data = test::labelled_data(30, 2);
    Model model(test::streams("{labelled_batch: 0, second_batch: 100}"));
    BatchStreams streams(model, data, 8, 1, {});
    CHECK(streams.current(Stream::Labelled).size == 2);
    CHECK(streams.current(Stream::Second).size == 30);
  }

  TEST_CASE("labels that are missing are refused, with what to do") {
    Model model(test::streams("{}"));
    DataSet data = test::labelled_data(30, 12);
    CHECK(refusal(model, data) == "");
    data.labelled.clear();
    CHECK(refusal(model, data) ==
          "dataset has no training sample with a label, which the train step \"classifier\" learns "
          "from: name a table's column with dataset.label or an array with dataset.labels_array, "
          "whose numbers count the classes from 0, or choose a data set that has labels");
    CHECK_THROWS_AS(BatchStreams(model, data, 8, 1, {}), OptionError);
    CHECK_THROWS_AS(compile_training(model, data, 8), OptionError);
  }
}

}  // namespace hourglass
