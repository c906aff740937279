#include "pg/answer.hpp"

#include "libpq.hpp"

#include <charconv>
#include <cstring>

namespace tenantry::pg {
namespace {

std::string field_of(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text != nullptr ? text : std::string{};
}

Failure failure_of(const PGresult* result) {
    Failure failure{.sqlstate = field_of(result, PG_DIAG_SQLSTATE),
                    .message = field_of(result, PG_DIAG_MESSAGE_PRIMARY),
                    .details = field_of(result, PG_DIAG_MESSAGE_DETAIL),
                    .hint = field_of(result, PG_DIAG_MESSAGE_HINT),
                    .constraint = field_of(result, PG_DIAG_CONSTRAINT_NAME),
                    .column = field_of(result, PG_DIAG_COLUMN_NAME),
                    .routine = field_of(result, PG_DIAG_SOURCE_FUNCTION),
                    .fatal = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED) == "FATAL"};
    // libpq's own errors have no fields.
    if (failure.message.empty()) failure.message = PQresultErrorMessage(result);
    while (failure.message.ends_with('\n')) failure.message.pop_back();
    return failure;
}

std::int64_t affected_by(PGresult* result) {
    const char* text = PQcmdTuples(result);
    std::int64_t rows = 0;
    std::from_chars(text, text + std::strlen(text), rows);
    return rows;
}

}  // namespace

void Rows::Clear::operator()(pg_result* result) const noexcept { PQclear(result); }

std::size_t Rows::size() const noexcept {
    return result_ ? static_cast<std::size_t>(PQntuples(result_.get())) : 0;
}

std::size_t Rows::width() const noexcept {
    return result_ ? static_cast<std::size_t>(PQnfields(result_.get())) : 0;
}

std::optional<std::string_view> Rows::cell(std::size_t row, std::size_t column) const noexcept {
    const int r = static_cast<int>(row);
    const int c = static_cast<int>(column);
    if (PQgetisnull(result_.get(), r, c) != 0) return std::nullopt;
    return std::string_view{PQgetvalue(result_.get(), r, c),
                            static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

std::uint32_t Rows::type(std::size_t column) const noexcept {
    return PQftype(result_.get(), static_cast<int>(column));
}

Rows Rows::of(const std::vector<std::vector<std::optional<std::string>>>& cells) {
    PGresult* result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
    Rows rows{result};
    std::string name{"?column?"};
    std::vector<PGresAttDesc> columns(cells.empty() ? 0 : cells.front().size());
    for (auto& column : columns) {
        column = {};
        column.name = name.data();
        column.format = 1;
    }
    PQsetResultAttrs(result, static_cast<int>(columns.size()), columns.data());
    for (std::size_t r = 0; r < cells.size(); ++r) {
        for (std::size_t c = 0; c < cells[r].size(); ++c) {
            auto value = cells[r][c];
            PQsetvalue(result, static_cast<int>(r), static_cast<int>(c),
                       value ? value->data() : nullptr,
                       value ? static_cast<int>(value->size()) : -1);
        }
    }
    return rows;
}

Answer answer_of(PGresult* result) {
    if (result == nullptr) return {};
    Rows owned{result};
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
        return {
            .kind = Answer::Kind::rows, .rows = std::move(owned), .affected = affected_by(result)};
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY: return {.kind = Answer::Kind::done, .affected = affected_by(result)};
    case PGRES_PIPELINE_SYNC: return {.kind = Answer::Kind::synced};
    case PGRES_PIPELINE_ABORTED: return {.kind = Answer::Kind::skipped};
    default: return {.kind = Answer::Kind::failed, .failure = failure_of(result)};
    }
}

}  // namespace tenantry::pg
