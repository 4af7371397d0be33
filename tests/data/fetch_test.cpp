#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/fetch.hpp>

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

/// A request, and where its range begins.
struct Request {
  std::string path;
  std::size_t from = 0;
  bool ranged = false;
};

/// Answers on loopback, one connection after another; closes each after what `answer` gives.
class Server {
 public:
  explicit Server(std::function<std::string(const Request&)> answer) : answer_(std::move(answer)) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(socket_, 8) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  std::string address(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/" + path;
  }
  std::vector<Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (true) {
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      handle(connection);
      ::close(connection);
    }
  }
  void handle(int connection) {
    std::string text;
    char buffer[1024];
    while (text.find("\r\n\r\n") == text.npos) {
      const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
      if (got <= 0) return;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    Request request;
    request.path = text.substr(5, text.find(' ', 5) - 5);
    const std::size_t range = text.find("Range: bytes=");
    request.ranged = range != text.npos;
    if (request.ranged) request.from = std::stoul(text.substr(range + 13));
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const std::string reply = answer_(request);
    ::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
  }

  std::function<std::string(const Request&)> answer_;
  int socket_ = -1;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<Request> requests_;
};

std::string reply(const std::string& status, const std::string& headers, std::size_t length,
                  const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(length) + "\r\n" + headers +
         "Connection: close\r\n\r\n" + body;
}
std::string whole(const std::string& content) {
  return reply("200 OK", "", content.size(), content);
}
/// Serves `content` from where it is asked, and cuts off after `most` bytes.
std::string ranged(const std::string& content, const Request& request, std::size_t most) {
  const std::string rest = content.substr(request.from);
  const std::string body = rest.substr(0, most);
  if (!request.ranged) return reply("200 OK", "", rest.size(), body);
  const std::string size = std::to_string(content.size());
  return reply("206 Partial Content",
               "Content-Range: bytes " + std::to_string(request.from) + "-" +
                   std::to_string(content.size() - 1) + "/" + size + "\r\n",
               rest.size(), body);
}

const std::string kContent = "the quick brown fox jumps over the lazy dog";
const std::string kSum = "05c6e08f1d9fdafa03147fcb8f82f124c76d2f70e3d989dc8aadb5e7d7450bec";

RemoteFile file(std::vector<std::string> addresses) {
  return {"set/f.bin", std::move(addresses), kSum, kContent.size()};
}

}  // namespace

TEST_SUITE("data/fetch") {
  TEST_CASE("a file arrives whole, is verified, and is kept the next time") {
    const TemporaryFolder folder;
    Server server([](const Request&) { return whole(kContent); });
    std::uint64_t told = 0;
    const auto progress = [&](const std::string& name, std::uint64_t done, std::uint64_t bytes) {
      CHECK(name == "set/f.bin");
      CHECK(bytes == kContent.size());
      told = done;
    };
    CHECK(fetch_file(file({server.address("f")}), folder.path(), progress) ==
          FetchOutcome::Fetched);
    CHECK(told == kContent.size());
    CHECK(read_all(folder.path("set/f.bin")) == kContent);
    CHECK(sha256_of(folder.path("set/f.bin")) == kSum);
    CHECK_FALSE(std::filesystem::exists(folder.path("set/f.bin.part")));
    CHECK(fetch_file(file({server.address("f")}), folder.path()) == FetchOutcome::Kept);
    CHECK(server.requests().size() == 1);
  }

  TEST_CASE("a transfer that is cut off goes on from where it was") {
    const TemporaryFolder folder;
    Server server([](const Request& request) { return ranged(kContent, request, 20); });
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(read_all(folder.path("set/f.bin")) == kContent);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK_FALSE(requests[0].ranged);
    CHECK(requests[1].from == 20);
    CHECK(requests[2].from == 40);
  }

  TEST_CASE("an earlier part is continued, and thrown away when it was wrong") {
    const TemporaryFolder folder;
    Server server([](const Request& request) { return ranged(kContent, request, 1000); });
    folder.write("set/f.bin.part", kContent.substr(0, 30));
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(server.requests().at(0).from == 30);
    std::filesystem::remove(folder.path("set/f.bin"));
    folder.write("set/f.bin.part", "something else");
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(read_all(folder.path("set/f.bin")) == kContent);
  }

  TEST_CASE("a server without ranges starts again") {
    const TemporaryFolder folder;
    Server server([](const Request&) { return whole(kContent); });
    folder.write("set/f.bin.part", kContent.substr(0, 30));
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(read_all(folder.path("set/f.bin")) == kContent);
  }

  TEST_CASE("addresses are tried in turn") {
    const TemporaryFolder folder;
    Server server([](const Request& request) {
      if (request.path == "gone") return reply("404 Not Found", "", 0, "");
      if (request.path == "wrong") return whole(std::string(kContent.size(), 'x'));
      if (request.path == "moved") return reply("302 Found", "Location: /good\r\n", 0, "");
      return whole(kContent);
    });
    fetch_file(file({server.address("gone"), server.address("wrong"), server.address("moved")}),
               folder.path());
    CHECK(read_all(folder.path("set/f.bin")) == kContent);
    CHECK(server.requests().back().path == "good");
  }

  TEST_CASE("faults name each address and leave nothing behind the name") {
    const TemporaryFolder folder;
    Server server([](const Request& request) {
      if (request.path == "gone") return reply("404 Not Found", "", 0, "");
      if (request.path == "long") return whole(kContent + "!");
      return whole(std::string(kContent.size() - 1, 'x'));
    });
    const std::string target = folder.path("set/f.bin");
    CHECK_THROWS_WITH_AS(fetch_file(file({server.address("gone")}), folder.path()),
                         (target + ": could not be fetched\n  " + server.address("gone") +
                          ": The requested URL returned error: 404")
                             .c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(
        fetch_file(file({server.address("long"), server.address("short")}), folder.path()),
        (target + ": could not be fetched\n  " + server.address("long") +
         ": has more than the expected 43 bytes\n  " + server.address("short") +
         ": has 42 bytes, expected 43")
            .c_str(),
        DataError);
    CHECK_FALSE(std::filesystem::exists(target));
  }

  TEST_CASE("redirections without end and to other protocols are refused") {
    const TemporaryFolder folder;
    Server server([](const Request& request) {
      const std::string to = request.path == "file" ? "file:///etc/passwd" : "/loop";
      return reply("302 Found", "Location: " + to + "\r\n", 0, "");
    });
    CHECK_THROWS_AS(fetch_file(file({server.address("loop")}), folder.path()), IoError);
    CHECK(server.requests().size() == 6);
    CHECK_THROWS_AS(fetch_file(file({server.address("file")}), folder.path()), IoError);
    CHECK_THROWS_AS(fetch_file(file({"ftp://127.0.0.1/f"}), folder.path()), IoError);
  }

  TEST_CASE("a file on this machine is an address, too") {
    const TemporaryFolder folder;
    const std::string path = folder.write("there", kContent);
    fetch_file(file({"file://" + path}), folder.path());
    CHECK(read_all(folder.path("set/f.bin")) == kContent);
  }

  TEST_CASE("names that leave the folder and files without an address are refused") {
    const TemporaryFolder folder;
    RemoteFile climbing = file({"http://127.0.0.1/"});
    climbing.name = "../f";
    CHECK_THROWS_WITH_AS(fetch_file(climbing, folder.path()),
                         "a data set's file must lie below its folder, got \"../f\"", ConfigError);
    CHECK_THROWS_WITH_AS(fetch_file(file({}), folder.path()),
                         "set/f.bin: no address is known for this file; put it there by hand",
                         DataError);
  }
}
