#include "support/print.hpp"

#include "query/request_text.hpp"

#include <ostream>

namespace tenantry {

std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << code_of(error.code) << " (" << error.field << "): " << error.message;
}

}  // namespace tenantry

namespace tenantry::query {
namespace {

void print_filter(std::ostream& out, const Relation& relation,
                  const std::optional<Filter>& filter) {
    Read read{&relation, all_columns(relation)};
    read.filter = filter;
    out << '?' << print_request(read);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Read& read) {
    out << "read " << read.relation->name() << '?' << print_request(read);
    if (read.after) {
        out << " after";
        for (const auto& value : *read.after) out << ' ' << schema::to_text(value);
    }
    return out << (read.count ? " count" : "") << (read.has_more ? " has_more" : "");
}

std::ostream& operator<<(std::ostream& out, const Insert& insert) {
    out << "insert " << insert.relation->name();
    for (const auto& row : insert.rows) {
        out << " {";
        for (std::size_t i = 0; i < row.size(); ++i) {
            out << insert.columns[i]->name() << ": " << schema::to_text(row[i]) << "; ";
        }
        out << '}';
    }
    if (insert.on_conflict == OnConflict::skip) out << " skip";
    if (insert.on_conflict == OnConflict::merge) out << " merge";
    return out << (insert.conflict_key != nullptr ? " on a unique key" : "");
}

std::ostream& operator<<(std::ostream& out, const Update& update) {
    out << "update " << update.relation->name() << " {";
    for (const auto& [column, value] : update.assignments) {
        out << column->name() << ": " << schema::to_text(value) << "; ";
    }
    out << '}';
    print_filter(out, *update.relation, update.filter);
    return out;
}

std::ostream& operator<<(std::ostream& out, const Delete& remove) {
    out << "delete " << remove.relation->name();
    print_filter(out, *remove.relation, remove.filter);
    return out;
}

std::ostream& operator<<(std::ostream& out, const Request& request) {
    std::visit([&](const auto& each) { out << each; }, request);
    return out;
}

}  // namespace tenantry::query
