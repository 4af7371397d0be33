#include <hourglass/core/resident.hpp>

#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

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

std::size_t generated_code_bytes() {
  std::FILE* file = std::fopen("/proc/self/smaps", "r");
  if (file == nullptr) return 0;
  // A mapping begins with "7f..-7f.. rwxp offset device inode path"; inode 0 is no file's. Lines
  // about it follow.
  char line[512];
  std::size_t kib = 0, each = 0;
  bool code = false;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    char permissions[5] = {}, path[2] = {};
    unsigned long inode = 1;
    const int read = std::sscanf(line, "%*x-%*x %4s %*x %*s %lu %1s", permissions, &inode, path);
    if (read >= 2) {
      code = inode == 0 && permissions[2] == 'x' && read == 2;
    } else if (code && std::sscanf(line, "Rss: %zu kB", &each) == 1) {
      kib += each;
    }
  }
  std::fclose(file);
  return kib * 1024;
}

std::size_t machine_bytes() {
  return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t heap_bytes() { return mallinfo2().uordblks; }

}  // namespace hourglass
