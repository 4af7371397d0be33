#pragma once

/// Marks what crosses the boundary of the shared library; everything else stays hidden.
#define HOURGLASS_API __attribute__((visibility("default")))
