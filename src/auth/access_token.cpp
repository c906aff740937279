#include "auth/access_token.hpp"

#include "base/text.hpp"
#include "claims.hpp"
#include "strict_json.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace tenantry::auth {
namespace {

Error refused(std::string message, std::string field) {
    return fail(Errc::bad_value, std::move(message), std::move(field));
}

Result<void> check_texts(const AccessToken& token) {
    using Text = std::pair<const char*, const std::string&>;
    for (const auto& [name, text] :
         {Text{"subject", token.subject}, Text{"email", token.email}, Text{"role", token.role},
          Text{"issuer", token.issuer}, Text{"audience", token.audience}, Text{"aal", token.aal},
          Text{"method", token.method}}) {
        if (!is_clean_utf8(text)) return refused("this must be UTF-8 without NUL", name);
    }
    return {};
}

/// Errors: bad_value.
Result<boost::json::object> parse_metadata(std::string_view text, const char* field) {
    if (auto object = parse_unambiguous_object(text)) return std::move(*object);
    return refused("this must be a JSON object with distinct names", field);
}

class Writer {
public:
    Writer& text(std::string_view name, std::string_view value) {
        key(name);
        append_json_string(out_, value);
        return *this;
    }
    Writer& json(std::string_view name, std::string_view value) {
        key(name);
        out_ += value;
        return *this;
    }
    Writer& time(std::string_view name, Timestamp value) { return json(name, seconds(value)); }

    static std::string seconds(Timestamp time) {
        return std::to_string(
            std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    }
    std::string finish() && { return std::move(out_) + '}'; }

private:
    void key(std::string_view name) {
        out_ += out_.empty() ? '{' : ',';
        append_json_string(out_, name);
        out_ += ':';
    }
    std::string out_;
};

std::string text_of(const Uuid& id) {
    std::string out;
    append_uuid(out, id);
    return out;
}

std::string print(const AccessToken& token, std::string_view app_metadata) {
    std::string amr = R"([{"method":)";
    append_json_string(amr, token.method);
    amr += R"(,"timestamp":)" + Writer::seconds(token.authenticated_at) + "}]";
    Writer out;
    out.text("iss", token.issuer)
        .text("sub", token.subject)
        .text("aud", token.audience)
        .time("exp", token.expires_at)
        .time("iat", token.issued_at)
        .text("email", token.email)
        .text("phone", "")
        .json("app_metadata", app_metadata)
        .json("user_metadata", token.user_metadata)
        .text("role", token.role)
        .text("aal", token.aal)
        .json("amr", amr)
        .text("session_id", text_of(token.session))
        .json("is_anonymous", token.is_anonymous ? "true" : "false");
    if (token.tenant) out.text("tenant_id", token.tenant->text());
    return std::move(out).finish();
}

}  // namespace

Result<std::string> print_claims(const AccessToken& token) {
    TENANTRY_TRY_VOID(check_texts(token));
    TENANTRY_TRY(app_metadata, parse_metadata(token.app_metadata, "app_metadata"));
    TENANTRY_TRY_VOID(parse_metadata(token.user_metadata, "user_metadata"));
    if (token.tenant) {
        app_metadata["tenant_id"] = token.tenant->text();
    } else {
        app_metadata.erase("tenant_id");
    }
    std::string claims = print(token, boost::json::serialize(app_metadata));
    // The reader has the last word: metadata, say, may be nested deeper than it takes.
    const auto read = parse_claims(claims);
    if (!read) return refused("no such token can be issued: " + read.error().message, "");
    return claims;
}

}  // namespace tenantry::auth
