#pragma once
// PipeTransport: Chrome's DevTools pipe (NUL after each message) over our end of a socket pair. Nobody else can reach
// it.
#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "agent/base/unique_fd.h"
#include "drivers/transport/transport.h"

namespace totpilot::transport {

/// `socket`: a connected stream socket.
std::unique_ptr<Transport> make_pipe_transport(const boost::asio::any_io_executor& executor, UniqueFd socket,
                                               std::size_t max_message = kMaxMessage);

}  // namespace totpilot::transport
