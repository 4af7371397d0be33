#pragma once

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// A web server on loopback that answers as a test says.
namespace hourglass::test {

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

inline std::string reply(const std::string& status, const std::string& headers, std::size_t length,
                         const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(length) + "\r\n" + headers +
         "Connection: close\r\n\r\n" + body;
}
inline std::string whole(const std::string& content) {
  return reply("200 OK", "", content.size(), content);
}
/// Serves `content` from where it is asked, and cuts off after `most` bytes.
inline std::string ranged(const std::string& content, const Request& request, std::size_t most) {
  const std::string rest = content.substr(request.from);
  const std::string body = rest.substr(0, most);
  if (!request.ranged) return reply("200 OK", "", rest.size(), body);
  const std::string size = std::to_string(content.size());
  return reply("206 Partial Content",
               "Content-Range: bytes " + std::to_string(request.from) + "-" +
                   std::to_string(content.size() - 1) + "/" + size + "\r\n",
               rest.size(), body);
}

}  // namespace hourglass::test
