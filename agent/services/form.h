#pragma once
// Form: what a request struct looks like as JSON, once: the reader, the fields of the operation's row and the schema in
// OpenAPI come from the same table. `constexpr Form kForm{text("name", &AddAccount::name, kRequired, "..."), ...}`.
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agent/base/secret.h"
#include "agent/services/operation.h"

namespace totpilot::services {

enum class Need : bool { kOptional, kRequired };
inline constexpr Need kOptional = Need::kOptional;
inline constexpr Need kRequired = Need::kRequired;

/// Holds arguments to their fields: invalid_input for what is no object, for a key that is not known (with the nearest
/// one), for one that is missing, for a value of another type. Null is as good as not given. No value is repeated.
void check_arguments(const nlohmann::json& arguments, std::span<const Field> fields);

/// A value of a path or a query as the JSON it stands for; invalid_input where it cannot.
nlohmann::json argument_of_text(const Field& field, std::string_view text);

/// JSON Schema of one field, and of all of them as an object.
nlohmann::ordered_json schema_of(const Field& field);
nlohmann::ordered_json schema_of(std::span<const Field> fields);

/// Takes the text out of the value; a secret's bytes are wiped there.
std::string take_text(nlohmann::json& value);
Secret take_secret(nlohmann::json& value);
std::vector<std::string> take_texts(nlohmann::json& value);

/// Where a value goes in a request: a member, or a function where it lies deeper.
template <class Request>
using Place = std::variant<std::string Request::*, std::optional<std::string> Request::*, bool Request::*,
                           std::optional<bool> Request::*, int Request::*, std::optional<int> Request::*,
                           std::vector<std::string> Request::*, Secret Request::*, std::optional<Secret> Request::*,
                           nlohmann::json Request::*, void (*)(Request&, std::string), void (*)(Request&, Secret)>;

template <class Request>
struct Entry {
  Field field;
  Place<Request> place;
};

template <class Request, class Member>
constexpr Entry<Request> text(std::string_view name, Member Request::* place, Need need, std::string_view summary) {
  return {{name, FieldType::kText, need == kRequired, summary}, place};
}
template <class Request>
constexpr Entry<Request> text(std::string_view name, void (*place)(Request&, std::string), Need need,
                              std::string_view summary) {
  return {{name, FieldType::kText, need == kRequired, summary}, place};
}
template <class Request, class Member>
constexpr Entry<Request> flag(std::string_view name, Member Request::* place, std::string_view summary) {
  return {{name, FieldType::kFlag, false, summary}, place};
}
template <class Request, class Member>
constexpr Entry<Request> integer(std::string_view name, Member Request::* place, Need need, std::string_view summary) {
  return {{name, FieldType::kInteger, need == kRequired, summary}, place};
}
template <class Request>
constexpr Entry<Request> texts(std::string_view name, std::vector<std::string> Request::* place,
                               std::string_view summary) {
  return {{name, FieldType::kTexts, false, summary}, place};
}
template <class Request, class Member>
constexpr Entry<Request> secret(std::string_view name, Member Request::* place, Need need, std::string_view summary) {
  return {{name, FieldType::kSecret, need == kRequired, summary}, place};
}
template <class Request>
constexpr Entry<Request> secret(std::string_view name, void (*place)(Request&, Secret), Need need,
                                std::string_view summary) {
  return {{name, FieldType::kSecret, need == kRequired, summary}, place};
}
template <class Request>
constexpr Entry<Request> object(std::string_view name, nlohmann::json Request::* place, Need need,
                                std::string_view summary) {
  return {{name, FieldType::kObject, need == kRequired, summary}, place};
}

template <class Request, std::size_t N>
class Form {
 public:
  template <class... More>
  constexpr explicit(false) Form(Entry<Request> first, More... more)
      : fields_{first.field, more.field...}, places_{first.place, more.place...} {}

  constexpr std::span<const Field> fields() const { return fields_; }

  /// The request that the arguments stand for; takes the values out of them. See check_arguments().
  Request read(nlohmann::json& arguments) const {
    check_arguments(arguments, fields_);
    Request request;
    for (std::size_t i = 0; i < N; ++i) {
      const auto value = arguments.find(fields_[i].name);
      if (value != arguments.end() && !value->is_null())
        std::visit([&](auto place) { put(request, place, *value); }, places_[i]);
    }
    return request;
  }

 private:
  template <class Member>
  static void put(Request& request, Member Request::* place, nlohmann::json& value) {
    set(request.*place, value);
  }
  static void put(Request& request, void (*place)(Request&, std::string), nlohmann::json& value) {
    place(request, take_text(value));
  }
  static void put(Request& request, void (*place)(Request&, Secret), nlohmann::json& value) {
    place(request, take_secret(value));
  }
  static void set(std::string& to, nlohmann::json& value) { to = take_text(value); }
  static void set(bool& to, nlohmann::json& value) { to = value.get<bool>(); }
  static void set(int& to, nlohmann::json& value) { to = value.get<int>(); }
  static void set(std::vector<std::string>& to, nlohmann::json& value) { to = take_texts(value); }
  static void set(Secret& to, nlohmann::json& value) { to = take_secret(value); }
  static void set(nlohmann::json& to, nlohmann::json& value) { to = std::move(value); }
  template <class Inner>
  static void set(std::optional<Inner>& to, nlohmann::json& value) {
    set(to.emplace(), value);
  }

  std::array<Field, N> fields_;
  std::array<Place<Request>, N> places_;
};

template <class Request, class... More>
Form(Entry<Request>, More...) -> Form<Request, 1 + sizeof...(More)>;

}  // namespace totpilot::services
