#pragma once

#include <initializer_list>

namespace hourglass::cli {

/// Has `handler` called for these signals, with `flags` of sigaction beside SA_ONSTACK: on a stack
/// of its own. Generated code of oneDNN takes the stack pointer for a register, so that what a
/// signal puts "on the stack" would land in the midst of a matrix; and a crash may be for want of
/// stack.
void handle_on_own_stack(std::initializer_list<int> signals, void (*handler)(int), int flags);

}  // namespace hourglass::cli
