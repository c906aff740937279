// GET /api/leads/export: all leads as a file, read page by page while the client takes it.

#include "http/transfers.hpp"
#include "renewal.hpp"
#include "resources.hpp"
#include "services/export.hpp"

namespace tenantry::http::leads {
namespace {

using services::ExportFormat;

class LeadsBody final : public BodySource {
public:
    LeadsBody(const Call& call, ExportFormat format)
        : transfers_{*call.app.transfers}, renewal_{call}, leads_{transfers_.executor(), format} {}

    boost::asio::awaitable<Result<bool>> next(std::string& out) override {
        if (!std::exchange(first_given_, true)) {
            out += first_;
            std::string{}.swap(first_);
            co_return more_;
        }
        auto scope = co_await renewal_.renewed(transfers_.page_deadline());
        if (!scope) co_return scope.error();
        co_return co_await leads_.next(std::move(*scope), out, transfers_.page_deadline());
    }

    /// Reads the first page, so that what is the matter from the start has a status of its own.
    boost::asio::awaitable<Result<void>> begin(TenantScope scope) {
        const auto more =
            co_await leads_.next(std::move(scope), first_, transfers_.page_deadline());
        if (!more) co_return more.error();
        more_ = *more;
        co_return Result<void>{};
    }

private:
    Transfers& transfers_;
    Renewal renewal_;
    services::LeadExport leads_;
    std::string first_;
    bool more_ = false;
    bool first_given_ = false;
};

}  // namespace

Answer export_file(const Call& call) {
    const auto* named = call.target.find("format");
    const auto format = services::parse_export_format(named == nullptr ? "csv" : *named);
    if (!format) co_return fail(format.error().code, "format " + format.error().message, "format");
    auto body = std::make_unique<LeadsBody>(call, *format);
    const auto begun = co_await body->begin(call.scope);
    if (!begun) co_return begun.error();
    const bool csv = *format == ExportFormat::csv;
    Response response{.content_type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson"};
    add_header(
        response, "content-disposition",
        csv ? "attachment; filename=\"leads.csv\"" : "attachment; filename=\"leads.ndjson\"");
    response.stream = std::move(body);
    co_return response;
}

}  // namespace tenantry::http::leads
