#include "outbox.hpp"

namespace tenantry::http::realtime {
namespace {

constexpr std::size_t kept_bytes_max = 16UL * 1024;  // of a buffer, when nothing waits

std::size_t size_of(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const auto part : parts) size += part.size();
    return size;
}

}  // namespace

/// Large buffers grow by a quarter, where std::string would double them.
void Outbox::append(std::initializer_list<std::string_view> parts) {
    const auto size = filling_.size() + size_of(parts);
    if (size > filling_.capacity() && size > kept_bytes_max) {
        std::string larger;
        larger.reserve(filling_.empty() ? size : size + size / 4);
        larger += filling_;
        filling_.swap(larger);
    }
    for (const auto part : parts) filling_ += part;
}

bool Outbox::offer(std::initializer_list<std::string_view> parts) {
    const auto size = size_of(parts);
    if (!empty() && bytes() + size > bytes_max_) return false;
    if (!take(size)) return false;
    append(parts);
    return true;
}

bool Outbox::push(std::string_view frame) {
    if (!below_bound() || !take(frame.size())) return false;
    append({frame});
    return true;
}

/// Those that keep up aren't held back by those that don't.
bool Outbox::take(std::size_t bytes) {
    if (!empty()) return budget_->take(bytes);
    budget_->take_anyway(bytes);
    return true;
}

void Outbox::force(std::string_view frame) {
    budget_->take_anyway(frame.size());
    append({frame});
}

std::string_view Outbox::next() {
    if (sent_ == sending_.size()) {
        sending_.clear();
        sent_ = 0;
        if (sending_.capacity() > kept_bytes_max) std::string{}.swap(sending_);
        sending_.swap(filling_);
    }
    return std::string_view{sending_}.substr(sent_);
}

void Outbox::sent(std::size_t bytes) {
    sent_ += bytes;
    budget_->give_back(bytes);
}

void Outbox::drop_waiting() {
    budget_->give_back(filling_.size());
    std::string{}.swap(filling_);
}

}  // namespace tenantry::http::realtime
