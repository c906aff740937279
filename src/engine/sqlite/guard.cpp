#include "sqlite/guard.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "sqlite/functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenantry::engine::sqlite {
namespace {

/// Functions that statements of ours, or the schema's own triggers and checks, call.
constexpr std::array allowed_functions = {"current_tenant",
                                          "contains_folded",
                                          "like_text",
                                          "like_folded",
                                          "match_text",
                                          "match_ascii_folded",
                                          "search_by_operators",
                                          "search_all_words",
                                          "search_phrase",
                                          "search_web",
                                          "json_search_by_operators",
                                          "json_search_all_words",
                                          "json_search_phrase",
                                          "json_search_web",
                                          "json_at",
                                          "json_text_at",
                                          "json_compare",
                                          "json_holds",
                                          "arrays_overlap",
                                          "count",
                                          "sum",
                                          "coalesce",
                                          "lower",
                                          "length",
                                          "max",
                                          "strftime",
                                          "substr",
                                          "hex",
                                          "randomblob",
                                          "json_object",
                                          "json",
                                          "julianday"};

std::string random_suffix() {
    std::string out = "$";
    for (const char byte : random_bytes(16))
        fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(byte));
    return out;
}

std::string column_list(std::span<const schema::Column> columns) {
    std::string out;
    for (const auto& column : columns) {
        if (!out.empty()) out += ", ";
        fmt::format_to(std::back_inserter(out), "\"{}\"", column.name());
    }
    return out;
}

void set_option(sqlite3* db, int option, int value) {
    if (sqlite3_db_config(db, option, value, nullptr) != SQLITE_OK) throw failure_of(db);
}

constexpr bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// The text after a literal or quoted name that starts at `text`, whose closing mark is doubled to
/// stand for itself.
std::string_view after_quoted(std::string_view text, char close) {
    std::size_t at = 1;
    while (at < text.size()) {
        if (text[at] != close) {
            ++at;
        } else if (close != ']' && at + 1 < text.size() && text[at + 1] == close) {
            at += 2;
        } else {
            return text.substr(at + 1);
        }
    }
    return {};
}

}  // namespace

Guard::Guard(sqlite3* db, const schema::Catalog& catalog, bool read_only)
    : suffix_{random_suffix()} {
    execute(
        db,
        "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA temp_store = MEMORY;");
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    if (sqlite3_create_function_v2(db, "current_tenant", 0, flags, this, current_tenant, nullptr,
                                   nullptr, nullptr) != SQLITE_OK) {
        throw failure_of(db);
    }
    register_functions(db);
    for (const auto& relation : catalog.relations()) {
        create_views(db, *relation);
        if (!read_only) create_triggers(db, relation->name());
    }
    for (const auto& tally : catalog.tallies()) {
        create_views(db, *tally);
        if (tally->is_log() && !read_only) create_triggers(db, tally->name());
    }
    if (read_only) execute(db, "PRAGMA query_only = ON;");
    set_option(db, SQLITE_DBCONFIG_DEFENSIVE, 1);
    set_option(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
    set_option(db, SQLITE_DBCONFIG_DQS_DML, 0);
    set_option(db, SQLITE_DBCONFIG_DQS_DDL, 0);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    if (sqlite3_set_authorizer(db, on_authorize, this) != SQLITE_OK) throw failure_of(db);
}

void Guard::create_views(sqlite3* db, const schema::Relation& relation) {
    const auto& name = relation.name();
    execute(db, fmt::format("CREATE TEMP VIEW \"{0}{1}\" AS SELECT {2} FROM main.\"t_{0}\" WHERE "
                            "\"tenant_id\" = current_tenant();"
                            "CREATE TEMP VIEW \"{0}\" AS SELECT {2} FROM \"{0}{1}\";",
                            name, suffix_, column_list(relation.columns())));
    const bool kept_by_triggers = relation.is_tally() && !relation.is_log();
    (kept_by_triggers ? tally_tables_ : relation_tables_).insert("t_" + name);
    views_.insert(name);
    views_.insert(name + suffix_);
}

void Guard::create_triggers(sqlite3* db, const std::string& name) {
    // Without an explicit rowid, NEW.rowid is -1 before the insert.
    execute(db, fmt::format(R"sql(
CREATE TEMP TRIGGER "{0}_insert{1}" BEFORE INSERT ON main."t_{0}"
WHEN NEW.tenant_id IS NOT current_tenant() OR NEW.rowid IS NOT -1
BEGIN SELECT RAISE(ABORT, 'tenant mismatch'); END;
CREATE TEMP TRIGGER "{0}_update{1}" BEFORE UPDATE ON main."t_{0}"
WHEN OLD.tenant_id IS NOT current_tenant() OR NEW.tenant_id IS NOT current_tenant()
BEGIN SELECT CASE WHEN OLD.tenant_id IS NOT current_tenant() THEN RAISE(IGNORE)
                  ELSE RAISE(ABORT, 'tenant mismatch') END; END;
CREATE TEMP TRIGGER "{0}_delete{1}" BEFORE DELETE ON main."t_{0}"
WHEN OLD.tenant_id IS NOT current_tenant()
BEGIN SELECT RAISE(IGNORE); END;)sql",
                            name, suffix_));
}

void Guard::current_tenant(sqlite3_context* context, int, sqlite3_value**) {
    const auto* self = static_cast<const Guard*>(sqlite3_user_data(context));
    if (self->tenant_ == nullptr) {
        sqlite3_result_error(context, "no tenant is bound", -1);
        return;
    }
    const auto& text = self->tenant_->text();
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

int Guard::on_authorize(void* self, int action, const char* first, const char* second, const char*,
                        const char* context) {
    return static_cast<const Guard*>(self)->authorize(action, first, second, context);
}

int Guard::authorize(int action, const char* first, const char* second, const char* context) const {
    const auto view = [](const char* text) {
        return text != nullptr ? std::string_view{text} : std::string_view{};
    };
    switch (mode_) {
    case Mode::closed: return SQLITE_DENY;
    case Mode::control:
        return action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT ? SQLITE_OK : SQLITE_DENY;
    case Mode::read: return authorize_read(action, view(first), view(second), view(context));
    case Mode::write:
    case Mode::insert: return authorize_write(action, view(first), view(second), view(context));
    }
    return SQLITE_DENY;
}

namespace {

int allow_if(bool allowed) { return allowed ? SQLITE_OK : SQLITE_DENY; }

int authorize_function(std::string_view name) {
    return allow_if(std::ranges::any_of(
        allowed_functions, [&](const char* each) { return equals_ignoring_case(name, each); }));
}

}  // namespace

int Guard::authorize_read(int action, std::string_view table, std::string_view column,
                          std::string_view context) const {
    switch (action) {
    case SQLITE_SELECT: return SQLITE_OK;
    case SQLITE_FUNCTION: return authorize_function(column);
    case SQLITE_READ: {
        if (column == "ROWID") return SQLITE_DENY;
        const std::string name{table};
        if (views_.contains(name)) return SQLITE_OK;
        const bool guarded = relation_tables_.contains(name) || tally_tables_.contains(name);
        return allow_if(guarded && context.ends_with(suffix_));
    }
    default: return SQLITE_DENY;
    }
}

int Guard::authorize_write(int action, std::string_view table, std::string_view column,
                           std::string_view context) const {
    const std::string name{table};
    const bool relation = relation_tables_.contains(name);
    // A context is the name of a trigger here: what it does is the schema's doing, not the
    // statement's.
    const bool in_trigger = !context.empty();
    const bool tally = in_trigger && tally_tables_.contains(name);
    const bool insert_alone = mode_ == Mode::insert && !in_trigger;
    switch (action) {
    case SQLITE_SELECT: return allow_if(in_trigger || insert_alone);
    case SQLITE_FUNCTION: return authorize_function(column);
    case SQLITE_INSERT: return allow_if(relation || tally);
    case SQLITE_DELETE: return allow_if((relation || tally) && !insert_alone);
    case SQLITE_UPDATE: return allow_if((relation || tally) && !insert_alone && column != "ROWID");
    case SQLITE_READ:
        if (column == "ROWID") return allow_if(context.ends_with(suffix_));
        // The foreign key to the tenant itself is checked by reading its key.
        return allow_if(relation || tally || (name == "tenants" && column == "id"));
    default: return SQLITE_DENY;
    }
}

bool Guard::is_plain_write(std::string_view text) noexcept {
    while (!text.empty()) {
        const char c = text.front();
        if (c == '\'' || c == '"' || c == '`') {
            text = after_quoted(text, c);
        } else if (c == '[') {
            text = after_quoted(text, ']');
        } else if (is_word(c)) {
            const auto end = std::ranges::find_if_not(text, is_word);
            const std::string_view word{text.begin(), end};
            if (equals_ignoring_case(word, "select") || equals_ignoring_case(word, "with"))
                return false;
            text.remove_prefix(word.size());
        } else if (text.starts_with("--") || text.starts_with("/*")) {
            return false;  // nothing of ours has comments, and in them quotes don't pair up
        } else {
            text.remove_prefix(1);
        }
    }
    return true;
}

/// `INSERT INTO main."t_…" (…) VALUES (?1, ?2), (?3, ?4)` and the like.
bool Guard::is_plain_insert(std::string_view text) noexcept {
    constexpr std::string_view values = " VALUES ";
    const auto at = text.find(values);
    if (at == std::string_view::npos || !is_plain_write(text)) return false;
    return text.find_first_not_of("?0123456789, ()", at + values.size()) == std::string_view::npos;
}

}  // namespace tenantry::engine::sqlite
