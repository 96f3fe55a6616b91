#include "drivers/launcher/protocol.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace totpilot::launcher {
namespace {

// A packet is a list of "key=value", each ended by NUL.
void put(std::string& out, std::string_view key, std::string_view value) {
  out.append(key).append("=").append(value).push_back('\0');
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

using Field = std::pair<std::string_view, std::string_view>;

std::expected<std::vector<Field>, std::string> split(std::string_view packet) {
  std::vector<Field> fields;
  while (!packet.empty()) {
    const std::size_t end = packet.find('\0');
    if (end == std::string_view::npos) return std::unexpected("a field without end");
    const std::string_view field = packet.substr(0, end);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return std::unexpected("a field without a value");
    fields.emplace_back(field.substr(0, equals), field.substr(equals + 1));
    packet.remove_prefix(end + 1);
  }
  return fields;
}

constexpr std::array<std::pair<Reply::Kind, std::string_view>, 3> kKinds = {{
    {Reply::Kind::kStarted, "started"},
    {Reply::Kind::kFailed, "failed"},
    {Reply::Kind::kExited, "exited"},
}};

}  // namespace

std::string encode(const Request& request) {
  std::string out;
  put(out, "program", request.program);
  for (const auto& value : request.arguments) put(out, "argument", value);
  for (const auto& value : request.environment) put(out, "environment", value);
  for (const auto& value : request.hidden) put(out, "hidden", value);
  for (const auto& value : request.shown) put(out, "shown", value);
  put(out, "x_cookie", request.x_cookie);
  put(out, "first_uid", std::to_string(request.first_uid));
  put(out, "uid_count", std::to_string(request.uid_count));
  put(out, "temporary_bytes", std::to_string(request.temporary_bytes));
  put(out, "download_bytes", std::to_string(request.download_bytes));
  return out;
}

std::expected<Request, std::string> decode_request(std::string_view packet) {
  const auto fields = split(packet);
  if (!fields) return std::unexpected(fields.error());
  Request request;
  for (const auto& [key, value] : *fields) {
    bool good = true;
    if (key == "program") {
      request.program = value;
    } else if (key == "argument") {
      request.arguments.emplace_back(value);
    } else if (key == "environment") {
      request.environment.emplace_back(value);
    } else if (key == "hidden") {
      request.hidden.emplace_back(value);
    } else if (key == "shown") {
      request.shown.emplace_back(value);
    } else if (key == "x_cookie") {
      request.x_cookie = value;
    } else if (key == "first_uid") {
      good = read_number(value, request.first_uid) && request.first_uid != 0;
    } else if (key == "uid_count") {
      good = read_number(value, request.uid_count) && request.uid_count != 0 && request.uid_count <= 65536;
    } else if (key == "temporary_bytes") {
      good = read_number(value, request.temporary_bytes);
    } else if (key == "download_bytes") {
      good = read_number(value, request.download_bytes);
    } else {
      good = false;
    }
    if (!good) return std::unexpected("a bad field " + std::string(key));
  }
  if (!request.program.starts_with('/')) return std::unexpected("no absolute program");
  return request;
}

std::string encode(const Reply& reply) {
  std::string out;
  const auto kind = std::ranges::find(kKinds, reply.kind, &std::pair<Reply::Kind, std::string_view>::first);
  put(out, "kind", kind->second);
  put(out, "init", std::to_string(reply.init));
  put(out, "reason", reply.reason);
  put(out, "hint", reply.hint);
  return out;
}

std::expected<Reply, std::string> decode_reply(std::string_view packet) {
  const auto fields = split(packet);
  if (!fields) return std::unexpected(fields.error());
  Reply reply;
  for (const auto& [key, value] : *fields) {
    if (key == "kind") {
      const auto kind = std::ranges::find(kKinds, value, &std::pair<Reply::Kind, std::string_view>::second);
      if (kind == kKinds.end()) return std::unexpected("a bad kind");
      reply.kind = kind->first;
    } else if (key == "init") {
      if (!read_number(value, reply.init)) return std::unexpected("a bad process id");
    } else if (key == "reason") {
      reply.reason = value;
    } else if (key == "hint") {
      reply.hint = value;
    }
  }
  return reply;
}

std::string refusal(const std::vector<std::string>& arguments) {
  static constexpr std::array<std::string_view, 11> kForbidden = {
      "--no-sandbox",
      "--disable-setuid-sandbox",
      "--disable-namespace-sandbox",
      "--disable-seccomp-filter-sandbox",
      "--disable-gpu-sandbox",
      "--no-zygote",
      "--single-process",
      "--renderer-cmd-prefix",
      "--utility-cmd-prefix",
      "--remote-debugging-port",
      "--remote-debugging-address",
  };
  for (const std::string& argument : arguments) {
    const std::string_view name = std::string_view(argument).substr(0, argument.find('='));
    // Chrome reads one dash like two, and everything behind "--" as addresses.
    for (const std::string_view forbidden : kForbidden) {
      if (name == forbidden || name == forbidden.substr(1))
        return "the browser is never started with " + std::string(forbidden);
    }
  }
  if (std::ranges::find(arguments, "--remote-debugging-pipe") != arguments.end()) return {};
  return "the browser is started with --remote-debugging-pipe only";
}

bool send_packet(int socket, std::string_view bytes, int fd) {
  // sendmsg() reads only; its structure is shared with recvmsg() and hence not const.
  std::string copy(bytes);
  iovec part{.iov_base = copy.data(), .iov_len = copy.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(int));
  }
  ssize_t sent = 0;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

std::expected<Packet, int> receive_packet(int socket, int flags) {
  Packet packet;
  packet.bytes.resize(kMaxPacket);
  iovec part{.iov_base = packet.bytes.data(), .iov_len = packet.bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  do size = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  while (size < 0 && errno == EINTR);
  if (size < 0) return std::unexpected(errno);
  packet.bytes.resize(static_cast<std::size_t>(size));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof(int));
    packet.fd = UniqueFd(fd);
  }
  if ((message.msg_flags & MSG_TRUNC) != 0) return std::unexpected(EMSGSIZE);
  return packet;
}

}  // namespace totpilot::launcher
