#include <cli/signal_handler.hpp>

#include <signal.h>
#include <array>
#include <cstddef>

namespace hourglass::cli {

namespace {

alignas(64) std::array<std::byte, 64 * 1024> handler_stack;

}  // namespace

void handle_on_own_stack(std::initializer_list<int> signals, void (*handler)(int), int flags) {
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : signals) ::sigaction(signal, &action, nullptr);
}

}  // namespace hourglass::cli
