// An import reads the file in parts. Each part goes through four steps: convert its rows; look up
// which ids, e-mail addresses and agents the tenant has; decide about each row in the file's order;
// write what is new in one transaction.
//
// Nothing is written before the structure of the whole file was checked: a file of one part has
// been read to its end by then, a larger one is read once more on purpose, beside the first part.
// While a part is being written, the next one is prepared up to that step: the database is what an
// import waits for.

#include "services/import.hpp"

#include "base/limits.hpp"
#include "base/random.hpp"
#include "engine/run_scoped.hpp"
#include "query/scoped.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <boost/uuid/uuid_hash.hpp>

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

namespace tenantry::services {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using boost::asio::awaitable;
using query::Column;
using query::Relation;
using query::Value;

constexpr std::size_t batch_rows = 5000;
constexpr std::uint64_t progress_rows = 500;
/// A file of this size is worth a thread to check its structure on.
constexpr std::uint64_t large_file_bytes = 1U << 20U;

using UuidSet = boost::unordered_flat_set<Uuid, boost::hash<Uuid>>;

const Relation& leads() {
    static const Relation& relation = schema::lead_catalog().relation("leads");
    return relation;
}
const Relation& agents() {
    static const Relation& relation = schema::lead_catalog().relation("agents");
    return relation;
}

/// Remembers many texts in 16 bytes each: digests under a key of its own (SipHash-2-4-128), so that
/// no file can be made whose rows are taken for one another.
class TextSet {
public:
    bool contains(std::string_view text) const { return digests_.contains(digest(text)); }
    void insert(std::string_view text) { digests_.insert(digest(text)); }

private:
    Uuid digest(std::string_view text) const {
        Uuid out;
        static_assert(sizeof out.data == crypto_shorthash_siphashx24_BYTES);
        ::crypto_shorthash_siphashx24(out.data, reinterpret_cast<const unsigned char*>(text.data()),
                                      text.size(),
                                      reinterpret_cast<const unsigned char*>(key_.data()));
        return out;
    }

    std::string key_ = random_bytes(crypto_shorthash_siphashx24_KEYBYTES);
    UuidSet digests_;
};

struct PendingRow {
    std::uint64_t line;
    LeadRow lead;
};

/// What the tenant has of the ids and addresses in a part.
struct Existing {
    UuidSet ids;
    boost::unordered_flat_map<std::string, Uuid> emails;
    UuidSet agents;
};

class Import {
public:
    Import(engine::Executor& executor, const TenantScope& scope, const ByteSource& file,
           const ImportOptions& options, const query::Stamp& stamp, engine::Deadline deadline)
        : executor_{executor},
          scope_{scope},
          file_{file},
          options_{options},
          stamp_{stamp},
          deadline_{deadline} {}

    awaitable<Result<ImportReport>> run();

private:
    Result<bool> read_part(CsvReader& reader);
    void take(const CsvRecord& record);
    void refuse(std::uint64_t line, std::string column, std::string reason);
    void announce(const CsvReader& reader) const;
    Result<void> permitted() const;

    awaitable<Result<bool>> has_leads();
    awaitable<Result<Existing>> look_up();
    awaitable<Result<void>> look_up(const Column& column, std::vector<Value> operands,
                                    Existing& existing);

    enum class Verdict { write, unchanged, refused };
    Verdict decide(const PendingRow& row, const Existing& existing);
    const std::string* email_of(const PendingRow& row) const;
    /// A part's transaction.
    struct Writes {
        std::vector<query::ScopedPlan> plans{};
        std::uint64_t rows = 0;
    };
    struct Prepared {
        Writes writes;
        bool more = false;  // the file may go on
    };
    awaitable<Result<Prepared>> prepare_part(CsvReader& reader);
    awaitable<Result<Writes>> plan_part();
    awaitable<Result<std::uint64_t>> write(Writes writes);
    Result<std::vector<query::ScopedPlan>> plan_writes(std::vector<std::vector<Value>> rows) const;
    Error explain(const Error& error) const;

    engine::Executor& executor_;
    const TenantScope& scope_;
    const ByteSource& file_;
    const ImportOptions& options_;
    const query::Stamp& stamp_;
    engine::Deadline deadline_;

    std::optional<LeadMapping> mapping_;
    ImportReport report_;
    std::vector<PendingRow> part_;
    std::vector<RefusedRow> part_refused_;
    UuidSet seen_ids_;  // of the rows that weren't refused
    TextSet seen_emails_;
    bool look_up_leads_ = true;
};

awaitable<Result<ImportReport>> Import::run() {
    auto reader = CsvReader::open(file_);
    if (!reader) co_return reader.error();
    auto mapping = LeadMapping::make(reader->header(), options_.rules, options_.country);
    if (!mapping) co_return mapping.error();
    mapping_ = std::move(*mapping);

    // Into an empty tenant, the usual bulk load, there is nothing to look up. Should rows appear
    // meanwhile, the database's own keys refuse the part.
    const auto occupied = co_await has_leads();
    if (!occupied) co_return occupied.error();
    look_up_leads_ = *occupied;

    const bool large = file_.size() > large_file_bytes;
    auto structure = std::async(large ? std::launch::async : std::launch::deferred,
                                [this] { return check_structure(file_); });
    auto part = co_await prepare_part(*reader);
    if (part && part->more) {
        if (auto whole = structure.get(); !whole) co_return whole.error();
    }
    while (part) {
        const bool more = part->more;
        auto written = write(std::move(part->writes));
        Result<std::uint64_t> rows{0};
        if (more) {
            std::tie(rows, part) = co_await (std::move(written) && prepare_part(*reader));
        } else {
            rows = co_await std::move(written);
        }
        if (!rows) co_return explain(rows.error());
        report_.imported += *rows;
        if (more) continue;
        announce(*reader);
        co_return std::move(report_);
    }
    co_return explain(part.error());
}

awaitable<Result<Import::Prepared>> Import::prepare_part(CsvReader& reader) {
    const auto more = read_part(reader);
    if (!more) co_return more.error();
    auto writes = co_await plan_part();
    if (!writes) co_return writes.error();
    co_return Prepared{std::move(*writes), *more};
}

/// Fills part_; whether the file may go on.
Result<bool> Import::read_part(CsvReader& reader) {
    part_.clear();
    part_refused_.clear();
    const auto from = reader.offset();
    CsvRecord record;
    while (part_.size() < limits_of_import::part_rows_max &&
           reader.offset() - from < limits_of_import::part_bytes_max) {
        TENANTRY_TRY(found, reader.next(record));
        if (!found) return false;
        take(record);
        if (report_.rows % progress_rows != 0) continue;
        announce(reader);
        TENANTRY_TRY_VOID(permitted());
    }
    return true;
}

void Import::take(const CsvRecord& record) {
    ++report_.rows;
    auto row = mapping_->convert(record, scope_.tenant(), stamp_);
    if (row) {
        part_.push_back({record.line, std::move(*row)});
    } else {
        refuse(record.line, row.error().field, row.error().message);
    }
}

void Import::refuse(std::uint64_t line, std::string column, std::string reason) {
    ++report_.refused_rows;
    if (report_.refused.size() + part_refused_.size() < limits_of_import::refused_listed_max) {
        part_refused_.push_back({line, std::move(column), std::move(reason)});
    }
}

void Import::announce(const CsvReader& reader) const {
    if (options_.progress) options_.progress({reader.offset(), file_.size(), report_.rows});
}

Result<void> Import::permitted() const {
    if (!options_.permit) return {};
    return options_.permit();
}

awaitable<Result<bool>> Import::has_leads() {
    query::Read read{.relation = &leads(), .projection = {&leads().id()}, .limit = 1};
    auto reply = co_await engine::run_scoped(executor_, std::move(read), scope_, deadline_);
    if (!reply) co_return reply.error();
    co_return reply->rows.row_count() > 0;
}

/// Asks for the rows whose `column` is among `operands`, a batch at a time.
awaitable<Result<void>> Import::look_up(const Column& column, std::vector<Value> operands,
                                        Existing& existing) {
    const bool of_leads = leads().find(column.name()) == &column;
    const auto& relation = of_leads ? leads() : agents();
    for (std::size_t from = 0; from < operands.size(); from += limits::in_list_max) {
        const auto count = std::min(limits::in_list_max, operands.size() - from);
        const auto begin = std::next(operands.begin(), static_cast<std::ptrdiff_t>(from));
        std::vector<Value> batch{
            std::make_move_iterator(begin),
            std::make_move_iterator(std::next(begin, static_cast<std::ptrdiff_t>(count)))};
        query::Read read{.relation = &relation,
                         .projection = {&relation.id(), &relation.column("email")}};
        read.filter =
            query::Filter{query::Predicate{&column, query::Operator::in, std::move(batch)}};
        // Ordered by id, e-mail addresses would be searched for along the index of ids.
        read.order = {{&column}};
        const auto reply =
            co_await engine::run_scoped(executor_, std::move(read), scope_, deadline_);
        if (!reply) co_return reply.error();
        for (std::size_t i = 0; i < reply->rows.row_count(); ++i) {
            const auto id = std::get<Uuid>(reply->rows.value(i, 0));
            (of_leads ? existing.ids : existing.agents).insert(id);
            const auto email = reply->rows.cell(i, 1);
            if (of_leads && email.kind == query::Cell::Kind::text)
                existing.emails.emplace(email.text, id);
        }
    }
    co_return Result<void>{};
}

awaitable<Result<Existing>> Import::look_up() {
    Existing existing;
    if (!look_up_leads_ && !mapping_->assigned_agent()) co_return existing;
    std::vector<Value> ids;
    std::vector<Value> emails;
    UuidSet agent_ids;
    for (const auto& row : part_) {
        if (look_up_leads_) ids.emplace_back(row.lead.id);
        const auto* email = email_of(row);
        if (look_up_leads_ && email != nullptr) emails.emplace_back(*email);
        if (!mapping_->assigned_agent()) continue;
        const auto* agent = std::get_if<Uuid>(&row.lead.values[*mapping_->assigned_agent()]);
        if (agent != nullptr) agent_ids.insert(*agent);
    }
    auto found = co_await look_up(leads().id(), std::move(ids), existing);
    if (!found) co_return found.error();
    found = co_await look_up(leads().column("email"), std::move(emails), existing);
    if (!found) co_return found.error();
    found = co_await look_up(agents().id(), {agent_ids.begin(), agent_ids.end()}, existing);
    if (!found) co_return found.error();
    co_return existing;
}

const std::string* Import::email_of(const PendingRow& row) const {
    return mapping_->email() ? std::get_if<schema::Text>(&row.lead.values[*mapping_->email()])
                             : nullptr;
}

Import::Verdict Import::decide(const PendingRow& row, const Existing& existing) {
    const auto refused = [&](std::string column, std::string_view reason) {
        refuse(row.line, std::move(column), std::string{reason});
        return Verdict::refused;
    };
    const auto* email = email_of(row);
    if (seen_ids_.contains(row.lead.id)) {
        return refused(row.lead.id_given ? mapping_->header_of(1) : "", "repeats an earlier row");
    }
    const bool may_be_owned = email != nullptr && !existing.emails.empty();
    const auto owner = may_be_owned ? existing.emails.find(*email) : existing.emails.end();
    const bool owned_by_other =
        owner != existing.emails.end() && row.lead.id_given && owner->second != row.lead.id;
    if (owned_by_other || (email != nullptr && seen_emails_.contains(*email))) {
        return refused(mapping_->header_of(*mapping_->email()),
                       "repeats an earlier row of this tenant");
    }
    const bool there = existing.ids.contains(row.lead.id) || owner != existing.emails.end();
    const auto at = mapping_->assigned_agent();
    const auto* agent = at ? std::get_if<Uuid>(&row.lead.values[*at]) : nullptr;
    if (!there && agent != nullptr && !existing.agents.contains(*agent)) {
        return refused(mapping_->header_of(*at), "is not an agent of this tenant");
    }
    seen_ids_.insert(row.lead.id);
    if (email != nullptr) seen_emails_.insert(*email);
    return there ? Verdict::unchanged : Verdict::write;
}

Result<std::vector<query::ScopedPlan>> Import::plan_writes(
    std::vector<std::vector<Value>> rows) const {
    std::vector<query::ScopedPlan> plans;
    for (std::size_t from = 0; from < rows.size(); from += batch_rows) {
        query::Insert insert{.relation = &leads(), .columns = mapping_->columns()};
        const auto end = std::min(from + batch_rows, rows.size());
        insert.rows.reserve(end - from);
        for (auto i = from; i < end; ++i) insert.rows.push_back(std::move(rows[i]));
        TENANTRY_TRY(plan, query::scoped(std::move(insert), stamp_, scope_));
        plans.push_back(std::move(plan));
    }
    return plans;
}

/// Decides about the rows of part_, reports those that are not to be written and plans the others.
awaitable<Result<Import::Writes>> Import::plan_part() {
    const auto existing = co_await look_up();
    if (!existing) co_return existing.error();
    std::vector<std::vector<Value>> rows;
    for (auto& row : part_) {
        const auto verdict = decide(row, *existing);
        if (verdict == Verdict::write) rows.push_back(std::move(row.lead.values));
        if (verdict == Verdict::unchanged) ++report_.unchanged;
    }
    std::ranges::stable_sort(part_refused_, {}, &RefusedRow::line);
    std::ranges::move(part_refused_, std::back_inserter(report_.refused));
    const auto count = rows.size();
    auto plans = plan_writes(std::move(rows));
    if (!plans) co_return plans.error();
    co_return Writes{std::move(*plans), count};
}

/// Returns how many rows that were. Touches nothing that preparing a part does.
awaitable<Result<std::uint64_t>> Import::write(Writes writes) {
    if (!options_.dry_run && !writes.plans.empty()) {
        if (auto allowed = permitted(); !allowed) co_return allowed.error();
        const auto replies = co_await executor_.run_all(std::move(writes.plans), deadline_);
        if (!replies) co_return replies.error();
    }
    co_return writes.rows;
}

/// Says what an error means for what was to be stored.
Error Import::explain(const Error& error) const {
    Error out = error;
    if (error.code == Errc::unique_violation || error.code == Errc::foreign_key_violation) {
        out =
            fail(Errc::conflict,
                 "leads or agents of this tenant were written while the import ran; run it again");
    }
    const bool stored = report_.imported > 0 && !options_.dry_run;
    if (stored) {
        out.message += fmt::format(
            "; {} leads of the file are stored already and will count as unchanged when the "
            "import is run again",
            report_.imported);
    }
    return out;
}

}  // namespace

std::string RefusedRow::why() const {
    return column.empty() ? reason : fmt::format("{} {}", column, reason);
}

awaitable<Result<ImportReport>> import_leads(engine::Executor& executor, TenantScope scope,
                                             const ByteSource& file, ImportOptions options,
                                             query::Stamp stamp, engine::Deadline deadline) {
    Import import{executor, scope, file, options, stamp, deadline};
    co_return co_await import.run();
}

}  // namespace tenantry::services
