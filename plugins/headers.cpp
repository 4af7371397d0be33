// Compiled for its precompiled header alone.
#include <hourglass/plugin.hpp>
