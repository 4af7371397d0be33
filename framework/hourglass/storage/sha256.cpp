#include <hourglass/core/error.hpp>
#include <hourglass/storage/sha256.hpp>

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

namespace hourglass {

namespace {

/// A sum under way.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) {
    good_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }

  void add(std::string_view bytes) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }

  std::string digits() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    unsigned length = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), sum.data(), &length) != 1) {
      throw IoError("OpenSSL cannot compute a SHA-256 sum");
    }
    std::string digits;
    for (unsigned i = 0; i < length; ++i) {
      digits += "0123456789abcdef"[sum[i] >> 4];
      digits += "0123456789abcdef"[sum[i] & 15];
    }
    return digits;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  bool good_ = false;
};

}  // namespace

std::string sha256_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(text(path.string(), ": ", std::strerror(errno)));
  Digest digest;
  std::vector<char> buffer(std::size_t{1} << 18);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.add({buffer.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (file.bad()) throw DataError(text(path.string(), ": cannot be read to its end"));
  return digest.digits();
}

std::string sha256_of_text(std::string_view text) {
  Digest digest;
  digest.add(text);
  return digest.digits();
}

}  // namespace hourglass
