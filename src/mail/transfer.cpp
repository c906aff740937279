#include "transfer.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>

namespace tenantry::mail {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

static_assert(std::is_same_v<curl_off_t, std::int64_t>);  // the header doesn't name libcurl's

/// The code of the answer to QUIT, and of no other (RFC 5321 §4.2.3).
constexpr std::string_view farewell = "221";
/// How long a server that has taken the message may take to say goodbye.
constexpr std::chrono::seconds farewell_max{1};

/// libcurl wants to be set up before threads use it, and to be given up by the last.
class Library {
public:
    static void require() { static const Library library; }

    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

private:
    Library() {
        if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            throw std::runtime_error{"libcurl can't be set up"};
    }
    ~Library() { ::curl_global_cleanup(); }
};

struct CloseHandle {
    void operator()(CURL* handle) const noexcept { ::curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;
using List = std::unique_ptr<curl_slist, FreeList>;

Handle make_handle() {
    Library::require();
    Handle handle{::curl_easy_init()};
    if (!handle) throw std::bad_alloc{};
    return handle;
}

template <class Value>
void set(const Handle& handle, CURLoption option, Value value) {
    const auto code = ::curl_easy_setopt(handle.get(), option, value);
    if (code != CURLE_OK)
        throw std::runtime_error{fmt::format("libcurl: {}", ::curl_easy_strerror(code))};
}

void set_text(const Handle& handle, CURLoption option, const std::string& text) {
    set(handle, option, text.c_str());
}

void set_tls(const Handle& handle, const Transfer::Terms& terms) {
    set(handle, CURLOPT_USE_SSL,
        terms.starttls || terms.server.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
    set(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!terms.ca_file) return;
    set_text(handle, CURLOPT_CAINFO, terms.ca_file->string());
    set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void set_credentials(const Handle& handle, const Credentials& credentials) {
    if (credentials.empty()) return;
    set_text(handle, CURLOPT_USERNAME, credentials.user());
    // libcurl copies it, and doesn't wipe the copy.
    set(handle, CURLOPT_PASSWORD, credentials.password().c_str());
    // The others protect the password from a server that TLS has vouched for, or are of a network
    // that this program knows nothing of.
    set(handle, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
}

void set_times(const Handle& handle, const Transfer::Terms& terms) {
    set(handle, CURLOPT_CONNECTTIMEOUT_MS,
        long{std::min(terms.connect_timeout, terms.timeout).count()});
    set(handle, CURLOPT_TIMEOUT_MS, long{terms.timeout.count()});
    // Otherwise no reply may take longer than two minutes.
    set(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT,
        long{std::chrono::ceil<std::chrono::seconds>(terms.timeout).count()});
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_NOPROGRESS, 0L);
}

bool is_about_tls(CURLcode code) {
    switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return true;
    default: return false;
    }
}

}  // namespace

Transfer::Transfer(const Terms& terms) : terms_{terms}, end_{steady_clock::now() + terms.timeout} {}

std::size_t Transfer::read_text(char* out, std::size_t size, std::size_t count, void* self) {
    auto& unsent = static_cast<Transfer*>(self)->unsent_;
    const auto taken = std::min(size * count, unsent.size());
    unsent.copy(out, taken);
    unsent.remove_prefix(taken);
    return taken;
}

std::size_t Transfer::note_line(char* line, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view said{line, size * count};
    // What it answers to the farewell decides nothing any more.
    if (transfer.accepted_ || said.starts_with(farewell)) return said.size();
    transfer.reply_.add_line(said);
    if (transfer.unsent_.empty() && transfer.reply_.positive()) {
        transfer.accepted_ = true;
        transfer.end_ = std::min(transfer.end_, steady_clock::now() + farewell_max);
    }
    return said.size();
}

// libcurl asks every second at the latest, also while it waits for the answer to the farewell,
// where it knows no time of ours.
int Transfer::ask_whether_to_end(void* self, std::int64_t, std::int64_t, std::int64_t,
                                 std::int64_t) {
    const auto& transfer = *static_cast<const Transfer*>(self);
    return transfer.terms_.stopped || steady_clock::now() > transfer.end_ ? 1 : 0;
}

Result<void> Transfer::run(const Address& from, const Address& to, std::string_view text) {
    unsent_ = text;
    std::array<char, CURL_ERROR_SIZE> why{};
    const List recipients{::curl_slist_append(nullptr, to.text().c_str())};
    if (!recipients) throw std::bad_alloc{};
    const auto handle = make_handle();
    set(handle, CURLOPT_ERRORBUFFER, why.data());
    set_text(handle, CURLOPT_URL, terms_.server.url());
    set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    // Not what all_proxy in the environment says.
    set(handle, CURLOPT_PROXY, "");
    set_tls(handle, terms_);
    set_credentials(handle, terms_.credentials);
    set_times(handle, terms_);
    set_text(handle, CURLOPT_MAIL_FROM, from.text());
    set(handle, CURLOPT_MAIL_RCPT, recipients.get());
    set(handle, CURLOPT_UPLOAD, 1L);
    set(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(text.size()));
    set(handle, CURLOPT_READFUNCTION, &read_text);
    set(handle, CURLOPT_READDATA, this);
    set(handle, CURLOPT_HEADERFUNCTION, &note_line);
    set(handle, CURLOPT_HEADERDATA, this);
    set(handle, CURLOPT_XFERINFOFUNCTION, &ask_whether_to_end);
    set(handle, CURLOPT_XFERINFODATA, this);
    // The farewell is said while the handle, which knows how long to wait, is still there.
    set(handle, CURLOPT_FORBID_REUSE, 1L);
    const auto code = ::curl_easy_perform(handle.get());
    // What comes after the server has taken it changes nothing.
    if (accepted_) return {};
    return error_of(code, why.front() != '\0' ? why.data() : ::curl_easy_strerror(code));
}

Error Transfer::error_of(int failure, std::string_view why) const {
    const auto code = static_cast<CURLcode>(failure);
    const auto server = terms_.server.authority();
    if (code == CURLE_ABORTED_BY_CALLBACK && terms_.stopped)
        return fail(Errc::shutting_down, "the server is shutting down");
    if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK) {
        return fail(terms_.hurried ? Errc::deadline_exceeded : Errc::mail_unavailable,
                    fmt::format("the mail server {} did not answer in time", server));
    }
    const auto& told = terms_.credentials;
    if (reply_.negative()) {
        const auto what = code == CURLE_LOGIN_DENIED ? "to let this user sign in" : "the message";
        return fail(Errc::mail_unavailable,
                    fmt::format("the mail server {} refused {}{}: {} {}", server, what,
                                reply_.for_good() ? "" : " for now", reply_.code(),
                                told.presentable(reply_.text())));
    }
    const auto what = is_about_tls(code) ? "made no TLS connection" : "could not be reached";
    return fail(Errc::mail_unavailable,
                fmt::format("the mail server {} {}: {}", server, what, told.presentable(why)));
}

}  // namespace tenantry::mail
