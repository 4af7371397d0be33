#include <cli/stop_signal.hpp>

#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/sum.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <chrono>
#include <thread>
#include <vector>

namespace hourglass::cli {

namespace {

/// Sends SIGTERM to the thread that made it, again and again, and hides what the handler says.
class Hail {
 public:
  Hail() : before_(::dup(STDERR_FILENO)), target_(::pthread_self()) {
    const int nothing = ::open("/dev/null", O_WRONLY);
    ::dup2(nothing, STDERR_FILENO);
    ::close(nothing);
    sender_ = std::jthread([this](const std::stop_token& done) {
      while (!done.stop_requested()) {
        ::pthread_kill(target_, SIGTERM);
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    });
  }
  ~Hail() {
    sender_.request_stop();
    sender_.join();
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
  }
  Hail(const Hail&) = delete;
  Hail& operator=(const Hail&) = delete;

 private:
  int before_;
  pthread_t target_;
  std::jthread sender_;
};

}  // namespace

TEST_SUITE("cli/stop_signal") {
  TEST_CASE("signals in the midst of products change nothing") {
    // oneDNN's code for these products takes the stack pointer for a register of its own.
    Graph graph;
    const Value x = graph.input("x", {256, 784}), weight = graph.input("weight", {392, 784});
    const Value y = dense(x, weight);
    const std::vector<Value> inputs{x, weight};
    const std::vector<Value> slopes = gradients(sum(y * y), inputs);
    Arena arena;
    Program program(graph, {y, slopes[0], slopes[1]}, {}, arena);
    std::vector<float> numbers(256 * 784, 0.25f), weights(392 * 784, 0.5f);
    program.feed("x", numbers.data());
    program.feed("weight", weights.data());
    REQUIRE(program.run({}));
    const auto results = [&] {
      std::vector<std::vector<float>> all;
      for (int i = 0; i < 3; ++i)
        all.emplace_back(program.fetched(i).begin(), program.fetched(i).end());
      return all;
    };
    const auto expected = results();
    CHECK_FALSE(stop_on_signals());
    {
      const Hail hail;
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
      while (std::chrono::steady_clock::now() < end) {
        REQUIRE(program.run({}));
        CHECK(results() == expected);
      }
    }
    CHECK(stop_on_signals());
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
  }
}

}  // namespace hourglass::cli
