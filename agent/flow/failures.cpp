#include "agent/flow/failures.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace totpilot::flow {

Failure as_failure(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Failure& failure) {
    return failure;
  } catch (const boost::system::system_error& system) {
    if (system.code() == boost::asio::error::operation_aborted)
      return Failure(Outcome::kCancelled, "the run was cancelled");
    return Failure(Outcome::kInternal, "an operation of the system failed where none may");
  } catch (const std::bad_alloc&) {
    return Failure(Outcome::kInternal, "memory has run out");
  } catch (...) {
    return Failure(Outcome::kInternal, "an error that nobody has named");
  }
}

}  // namespace totpilot::flow
