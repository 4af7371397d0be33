#pragma once

#include <hourglass/plugin/build_stamp.hpp>

#include <string>  // defines the library's ABI macros

namespace hourglass {

#define HOURGLASS_DETAIL_QUOTE(value) #value
#define HOURGLASS_DETAIL_TEXT(value) HOURGLASS_DETAIL_QUOTE(value)

#if defined(__clang__)
#define HOURGLASS_DETAIL_COMPILER "clang " HOURGLASS_DETAIL_TEXT(__clang_major__)
#else
#define HOURGLASS_DETAIL_COMPILER "gcc " HOURGLASS_DETAIL_TEXT(__GNUC__)
#endif

#if defined(_GLIBCXX_USE_CXX11_ABI)
#define HOURGLASS_DETAIL_STRINGS "libstdc++ abi " HOURGLASS_DETAIL_TEXT(_GLIBCXX_USE_CXX11_ABI)
#else
#define HOURGLASS_DETAIL_STRINGS "libc++"
#endif

#if defined(_GLIBCXX_DEBUG)
#define HOURGLASS_DETAIL_CONTAINERS ", debug containers"
#else
#define HOURGLASS_DETAIL_CONTAINERS ""
#endif

#if defined(__has_feature)
#define HOURGLASS_DETAIL_HAS(feature) __has_feature(feature)
#else
#define HOURGLASS_DETAIL_HAS(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || HOURGLASS_DETAIL_HAS(address_sanitizer)
#define HOURGLASS_DETAIL_SANITIZERS ", address sanitizer"
#elif defined(__SANITIZE_THREAD__) || HOURGLASS_DETAIL_HAS(thread_sanitizer)
#define HOURGLASS_DETAIL_SANITIZERS ", thread sanitizer"
#else
#define HOURGLASS_DETAIL_SANITIZERS ""
#endif

/// What a program and its plugins must have in common for their objects to be understood on both
/// sides: the content of plugin.hpp and of all that it includes, and every compiler setting that
/// changes the layout of a type. The compiler evaluates it wherever it is used, so that a plugin
/// states how it was built itself. The build type is not part of it: no public layout depends on
/// NDEBUG.
///
///     "0.1.0, headers 5f0c4a1be2d93c77, gcc 12, c++ 202002L, libstdc++ abi 1"
#define HOURGLASS_BUILD_ID                                                   \
  HOURGLASS_STAMP_VERSION                                                    \
  ", headers " HOURGLASS_STAMP_HEADERS ", " HOURGLASS_DETAIL_COMPILER        \
  ", c++ " HOURGLASS_DETAIL_TEXT(                                            \
      __cplusplus) ", " HOURGLASS_DETAIL_STRINGS HOURGLASS_DETAIL_CONTAINERS \
      HOURGLASS_DETAIL_SANITIZERS

}  // namespace hourglass
