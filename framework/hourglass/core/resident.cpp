#include <hourglass/core/resident.hpp>

#include <unistd.h>

#include <cstdio>

namespace hourglass {

std::size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long size = 0, resident = 0, shared = 0;
  const int read = std::fscanf(file, "%ld %ld %ld", &size, &resident, &shared);
  std::fclose(file);
  if (read != 3) return 0;
  return static_cast<std::size_t>(resident - shared) *
         static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace hourglass
