#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "check.hpp"
#include "dataset.hpp"

namespace tenantry::bench {

/// What the requests of a scenario are; `mixed` is 80 % get, 15 % page, 5 % writes (half create,
/// half update); `approvals` asks for one and approves one asked for before, in turns;
/// `create_with_event` makes a lead and then, on the same connection, an event of it;
/// `pages_and_creates` does both in turns. Only where rows are asked for as of PostgREST: `embed`
/// is leads with their events and approvals, `insert` a new lead, `upsert` one that is there
/// already.
enum class Kind : std::uint8_t {
    get,
    page,
    create,
    update,
    mixed,
    dashboard,
    approvals,
    create_with_event,
    pages_and_creates,
    embed,
    insert,
    upsert
};

/// How a server is asked: as Tenantry and its peers; as PostgREST, for what those answer to get and
/// page; or as PostgREST's clients do (`rest`): get, page, embed, insert and upsert.
enum class Api : std::uint8_t { tenantry, postgrest, rest };

/// The kind of this name ("get", "page", …).
std::optional<Kind> parse_kind(std::string_view text) noexcept;

/// What one request does.
enum class Action : std::uint8_t {
    get,
    page,
    create,
    update,
    dashboard,
    ask_approval,
    approve,
    record_event,
    embed,
    insert,
    upsert
};

/// One request under way and what its answer must be.
struct Request {
    Action action = Action::get;
    bool in_flight = false;
    std::size_t tenant = 0;
    std::size_t lead = 0;       // of one lead; create: known once it is answered
    std::uint32_t version = 0;  // get: the lead's version when it was sent
    Status status{};            // page: filtered; create, insert, update, upsert: written
    std::string score;          // update, upsert
    std::string email;          // create, insert
    std::string record;         // approve: the approval's id
    // page, dashboard: how many leads, and approvals that wait, there may be
    std::array<Range, status_count> by_status{};
    Range all{};
    Range pending{};
};

/// Makes requests for random tenants and leads, and checks the answers against a model of all
/// leads, which follows the acknowledged writes: a lead must have the status last written, and a
/// total must be exact, or within what the writes under way at the time allow.
///
/// Threads: one.
class Workload {
public:
    /// `root`: of Api::rest, the path that relations stand under, such as "/rest/v1/".
    Workload(std::vector<Tenant> tenants, std::uint64_t seed, Api api = Api::tenantry,
             std::string root = "/");

    /// Fills `request` and replaces `out` by its bytes. What `request` was before, on the same
    /// connection, decides what comes next where a kind has several requests in turn.
    void start(Kind kind, Request& request, std::string& out);

    /// Checks the answer and brings the model up to date.
    Checked finish(Request& request, const Answer& answer);
    /// The request was refused: nothing came of it.
    void refuse(Request& request) noexcept { request.in_flight = false; }

    /// All requests that may be under way at once; they must outlive their use here.
    void track(std::vector<Request*> requests) { tracked_ = std::move(requests); }

private:
    void start_get(Request& request, std::string& out);
    void start_page(Request& request, std::string& out);
    void start_dashboard(Request& request, std::string& out);
    void start_create(Request& request, std::string& out);
    void start_update(Request& request, std::string& out);
    void start_ask_approval(Request& request, std::string& out);
    void start_approve(Request& request, std::string& out);
    void start_record_event(const Request& request, std::string& out);
    void start_embed(const Request& request, std::string& out);
    void start_insert(Request& request, std::string& out);
    void start_upsert(Request& request, std::string& out);
    Checked finish_page(const Request& request, const Answer& answer) const;
    Checked finish_create(Request& request, const Answer& answer);
    Checked finish_update(const Request& request, const Answer& answer);
    Checked finish_ask_approval(const Request& request, const Answer& answer);
    Checked finish_approve(const Request& request, const Answer& answer);
    Checked finish_record_event(const Request& request, const Answer& answer);
    Checked finish_get(const Request& request, const Answer& answer) const;
    Checked finish_embed(const Request& request, const Answer& answer) const;
    Checked finish_insert(const Request& request, const Answer& answer);
    Checked finish_upsert(const Request& request, const Answer& answer);
    bool is_expected(const Request& request, int status) const;

    Action next_action(Kind kind, Action last);
    void pick_lead(Request& request);
    void expect_totals(Request& request);
    void expect_change(std::size_t tenant, std::optional<Status> from, Status to);
    void append_head(std::string& out, const Request& request) const;
    void append_path(std::string& out, const Request& request) const;
    void append_rest_path(std::string& out, const Request& request) const;
    std::string new_lead(Request& request);
    void begin_update(Request& request);
    void end_update(const Request& request);
    std::size_t below(std::size_t bound);

    /// Calls `widen` with each read of the tenant that is under way.
    template <class Widen>
    void for_reads_of(std::size_t tenant, Widen widen) {
        for (auto* request : tracked_) {
            if (request->in_flight && request->tenant == tenant) {
                widen(*request);
            }
        }
    }

    /// An approval that nobody has decided or is deciding.
    struct Waiting {
        std::size_t tenant;
        std::size_t lead;
        std::string id;
    };

    std::vector<Tenant> tenants_;
    Api api_;
    std::string root_;
    std::deque<Waiting> waiting_;
    bool ask_next_ = true;
    std::vector<Request*> tracked_;
    std::mt19937_64 random_;
    std::uint64_t created_ = 0;
};

}  // namespace tenantry::bench
