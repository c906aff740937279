#pragma once
/// The guard: what makes a statement that forgot its tenant predicate see and change nothing
/// foreign.
///
/// Three layers, set up once per connection:
/// 1. Views. For each tenant relation and tally a temporary view of its plain name, over a second
///    one whose name ends in 128 random bits, over the table `t_<name>` with
///    `tenant_id = current_tenant()`. Reads name only the views. Two layers, because SQLite reports
///    an access by the name of the innermost view: that name must be unforgeable (a common table
///    expression may call itself `leads`, not the random name).
/// 2. Triggers. Temporary BEFORE triggers on each table stop a row of another tenant from being
///    inserted, turn updates and deletes of one into no-ops, and refuse explicit rowids, which are
///    numbered across tenants.
/// 3. The authorizer. It denies by default. Reading, it lets a table be read only from within the
///    random views. Writing, it lets tables be read and written, but no SELECT. SQLite does not
///    report every subquery to it (`x IN (SELECT indexed_column FROM t)` runs as a bare index
///    probe), so the text of a write is searched for the word as well. An insert of several rows
///    is a SELECT to the authorizer: there the text must have nothing but placeholders for values.
///
/// Spec: https://sqlite.org/c3ref/set_authorizer.html, https://sqlite.org/lang_createtrigger.html
/// Threads: as the connection, one at a time.

#include "base/id.hpp"
#include "schema/catalog.hpp"
#include "sqlite/handles.hpp"

#include <string>
#include <unordered_set>

namespace tenantry::engine::sqlite {

class Guard {
public:
    /// Installs everything on a connection just opened; readers are made unable to write.
    /// The guard must outlive the connection's use. Throws SqliteFailure.
    Guard(sqlite3* db, const schema::Catalog& catalog, bool read_only);
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    enum class Mode {
        closed,   // nothing at all
        read,     // queries through the views
        write,    // INSERT … VALUES of a row, UPDATE, DELETE on tenant relations
        insert,   // INSERT … VALUES of any rows, placeholders only, on tenant relations
        control,  // BEGIN, COMMIT, ROLLBACK, SAVEPOINT
    };

    /// For the time of its life, statements may be prepared and run as `mode` says and
    /// `current_tenant()` is `tenant`. Don't nest; no statement may be left half-stepped.
    class Session {
    public:
        Session(Guard& guard, Mode mode, const TenantId& tenant) : guard_{guard} {
            guard.mode_ = mode;
            guard.tenant_ = &tenant;
        }
        ~Session() {
            guard_.mode_ = Mode::closed;
            guard_.tenant_ = nullptr;
        }
        Session(const Session&) = delete;
        Session& operator=(const Session&) = delete;

    private:
        Guard& guard_;
    };

    /// For transaction control.
    class ControlSession {
    public:
        explicit ControlSession(Guard& guard) : guard_{guard}, before_{guard.mode_} {
            guard.mode_ = Mode::control;
        }
        ~ControlSession() { guard_.mode_ = before_; }
        ControlSession(const ControlSession&) = delete;
        ControlSession& operator=(const ControlSession&) = delete;

    private:
        Guard& guard_;
        Mode before_;
    };

    /// Whether `text` may be prepared in the session's mode. A write must keep to what the
    /// authorizer can watch: no SELECT, WITH or comment outside literals and quoted names.
    bool accepts(std::string_view text) const noexcept {
        return (mode_ != Mode::write || is_plain_write(text)) &&
               (mode_ != Mode::insert || is_plain_insert(text));
    }

private:
    static bool is_plain_write(std::string_view text) noexcept;
    static bool is_plain_insert(std::string_view text) noexcept;
    void create_views(sqlite3* db, const schema::Relation& relation);
    void create_triggers(sqlite3* db, const std::string& table);
    int authorize(int action, const char* first, const char* second, const char* context) const;
    int authorize_read(int action, std::string_view table, std::string_view column,
                       std::string_view context) const;
    int authorize_write(int action, std::string_view table, std::string_view column,
                        std::string_view context) const;
    static int on_authorize(void* self, int action, const char* first, const char* second,
                            const char* database, const char* context);
    static void current_tenant(sqlite3_context* context, int, sqlite3_value**);

    std::string suffix_;                               // "$" and 32 hexadecimal digits
    std::unordered_set<std::string> relation_tables_;  // t_leads, …
    std::unordered_set<std::string> tally_tables_;     // t_lead_counts, …
    std::unordered_set<std::string> views_;            // leads, leads$…, …
    Mode mode_ = Mode::closed;
    const TenantId* tenant_ = nullptr;
};

}  // namespace tenantry::engine::sqlite
