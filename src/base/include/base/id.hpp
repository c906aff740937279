#pragma once
/// Identifiers that can't stand in for one another.
///
/// `Id<Tag>` is an RFC 9562 UUID of one kind of row; `TenantId` is the text key of a tenant.
/// Neither converts from a string, from the other or from another tag: parse, or make a new one.

#include "base/error.hpp"

#include <boost/uuid/uuid.hpp>

#include <array>
#include <compare>
#include <string>
#include <string_view>

namespace tenantry {

/// A UUID value in network byte order. Text is 36 characters, lower case.
using Uuid = boost::uuids::uuid;

/// Accepts exactly the 8-4-4-4-12 hexadecimal form, either case. Errors: bad_id.
Result<Uuid> parse_uuid(std::string_view text);

/// Appends the 36-character lower-case form.
void append_uuid(std::string& out, const Uuid& value);

template <class Tag>
class Id {
public:
    /// Errors: bad_id.
    static Result<Id> parse(std::string_view text) {
        auto value = parse_uuid(text);
        if (!value) return value.error();
        return Id{*value};
    }
    /// For values that come from the database or from `new_uuid`.
    static Id from_uuid(const Uuid& value) noexcept { return Id{value}; }

    const Uuid& uuid() const noexcept { return value_; }
    std::string text() const {
        std::string out;
        append_uuid(out, value_);
        return out;
    }

    friend bool operator==(const Id&, const Id&) = default;

private:
    explicit Id(const Uuid& value) noexcept : value_{value} {}
    Uuid value_;
};

using LeadId = Id<struct LeadTag>;
using AgentId = Id<struct AgentTag>;
using EventId = Id<struct EventTag>;
using ContactId = Id<struct ContactTag>;
using IcpProfileId = Id<struct IcpProfileTag>;
using IdentityId = Id<struct IdentityTag>;
using ApprovalId = Id<struct ApprovalTag>;
using UserId = Id<struct UserTag>;
using WebhookId = Id<struct WebhookTag>;
using DeadLetterId = Id<struct DeadLetterTag>;

/// The key of one customer organisation: 1 to 255 bytes, `[A-Za-z0-9][A-Za-z0-9._-]*`.
class TenantId {
public:
    static constexpr std::size_t bytes_max = 255;

    /// Errors: bad_id, with the rule in words.
    static Result<TenantId> parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }

    friend bool operator==(const TenantId&, const TenantId&) = default;
    friend std::strong_ordering operator<=>(const TenantId&, const TenantId&) = default;

private:
    explicit TenantId(std::string_view text) : text_{text} {}
    std::string text_;
};

}  // namespace tenantry
