#pragma once
// What was caught, as a Failure: cancellations of Asio become cancelled, anything unknown internal. Never repeats a
// foreign what().
#include <exception>

#include "agent/base/failure.h"

namespace totpilot::flow {

Failure as_failure(const std::exception_ptr& error);

}  // namespace totpilot::flow
