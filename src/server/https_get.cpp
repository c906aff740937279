#include "https_get.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <boost/url/parse.hpp>

#include <memory>
#include <mutex>

namespace tenantry::server {
namespace {

constexpr long ok = 200;

struct Cleanup {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};

struct Body {
    std::string bytes;
    std::size_t bytes_max;
};

std::size_t take(const char* data, std::size_t size, std::size_t count, void* into) {
    auto& body = *static_cast<Body*>(into);
    if (body.bytes.size() + size * count > body.bytes_max) return 0;
    body.bytes.append(data, size * count);
    return size * count;
}

Error failed(const std::string& url, std::string_view why) {
    return fail(Errc::storage_unusable, fmt::format("{}: {}", url, why));
}

}  // namespace

Result<void> check_fetch_url(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->host().empty() || parsed->has_userinfo())
        return fail(Errc::bad_value, "is no https URL");
    if (parsed->scheme_id() == boost::urls::scheme::https) return {};
    const auto host = parsed->host();
    const bool here = host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    if (parsed->scheme_id() == boost::urls::scheme::http && here) return {};
    return fail(Errc::bad_value, "is no https URL");
}

Result<std::string> https_get(const std::string& url, std::size_t bytes_max,
                              std::chrono::milliseconds timeout) {
    static std::once_flag initialised;
    std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    const std::unique_ptr<CURL, Cleanup> handle{curl_easy_init()};
    if (!handle) throw std::bad_alloc{};
    Body body{.bytes = {}, .bytes_max = bytes_max};
    auto* curl = handle.get();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "tenantry");
    const auto outcome = curl_easy_perform(curl);
    if (outcome == CURLE_WRITE_ERROR) return failed(url, "the answer is too long");
    if (outcome != CURLE_OK) return failed(url, curl_easy_strerror(outcome));
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != ok) return failed(url, fmt::format("it was answered with {}", status));
    return std::move(body.bytes);
}

}  // namespace tenantry::server
