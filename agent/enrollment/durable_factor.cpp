#include "agent/enrollment/durable_factor.h"

#include "agent/base/failure.h"

namespace totpilot::enrollment {

totp::Parameters to_totp(const store::FactorParameters& stored) {
  const auto algorithm = totp::algorithm_from_name(stored.algorithm);
  const auto encoder = totp::encoder_from_name(stored.encoder);
  if (!algorithm || !encoder)
    throw Failure(Outcome::kStorageFailed, "a factor in the database has parameters that are not known");
  const totp::Parameters parameters{*algorithm, stored.digits, std::chrono::seconds(stored.period), *encoder};
  if (!totp::checked(parameters))
    throw Failure(Outcome::kStorageFailed, "a factor in the database has parameters that no code can have");
  return parameters;
}

store::FactorParameters to_stored(const totp::Parameters& parameters) {
  return {std::string(totp::algorithm_name(parameters.algorithm)), parameters.digits,
          static_cast<int>(parameters.period.count()), std::string(totp::encoder_name(parameters.encoder))};
}

}  // namespace totpilot::enrollment
