#include "drivers/cdp/bounded_json.h"

#include <fmt/format.h>

#include <vector>

#include "agent/base/secret.h"

namespace totpilot::cdp {
namespace {

using nlohmann::json;

// Builds the document from the parser's events. `open_` holds the containers around the current place.
class Builder {
 public:
  explicit Builder(std::size_t max_depth) : max_depth_(max_depth) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(json::number_integer_t value) { return put(value); }
  bool number_unsigned(json::number_unsigned_t value) { return put(value); }
  bool number_float(json::number_float_t value, const json::string_t&) { return put(value); }
  bool string(json::string_t& value) { return put(std::move(value)); }
  bool binary(json::binary_t&) { return false; }

  bool start_object(std::size_t) { return enter(json::object()); }
  bool key(json::string_t& name) {
    key_ = std::move(name);
    return true;
  }
  bool end_object() { return leave(); }
  bool start_array(std::size_t) { return enter(json::array()); }
  bool end_array() { return leave(); }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) {
    error_ = fmt::format("not json at byte {}", position);
    return false;
  }

  json take() { return std::move(root_); }
  const std::string& error() const { return error_; }

 private:
  template <class Value>
  bool put(Value&& value) {
    place(json(std::forward<Value>(value)));
    return true;
  }

  json* place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    json& slot = parent[std::move(key_)];
    slot = std::move(value);
    return &slot;
  }

  bool enter(json container) {
    if (open_.size() >= max_depth_) {
      error_ = fmt::format("nested deeper than {}", max_depth_);
      return false;
    }
    // A pointer stays good: its parent gets no further child before this container is closed.
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool leave() {
    open_.pop_back();
    return true;
  }

  std::size_t max_depth_;
  json root_;
  std::vector<json*> open_;
  json::string_t key_;
  std::string error_;
};

class Count final : public nlohmann::detail::output_adapter_protocol<char> {
 public:
  explicit Count(std::size_t& size) : size_(size) {}
  void write_character(char) override { ++size_; }
  void write_characters(const char*, std::size_t length) override { size_ += length; }

 private:
  std::size_t& size_;
};

// What json::dump does, to an output of our own.
void write(const json& document, Characters characters, nlohmann::detail::output_adapter_t<char> output) {
  nlohmann::detail::serializer<json> serializer(std::move(output), ' ', json::error_handler_t::replace);
  serializer.dump(document, false, characters == Characters::kAscii, 0);
}

}  // namespace

std::expected<json, std::string> read_json(std::string_view text, std::size_t max_depth) {
  Builder builder(max_depth);
  if (json::sax_parse(text, &builder)) return builder.take();
  return std::unexpected(builder.error().empty() ? std::string("not json") : builder.error());
}

void wipe_strings(json& document) {
  if (document.is_string()) return wipe(document.get_ref<json::string_t&>());
  if (!document.is_structured()) return;
  for (json& item : document) wipe_strings(item);
}

std::string secret_text(const json& document, Characters characters) {
  std::size_t size = 0;
  write(document, characters, std::make_shared<Count>(size));
  std::string text;
  text.reserve(size);
  write(document, characters, nlohmann::detail::output_adapter<char>(text));
  return text;
}

}  // namespace totpilot::cdp
