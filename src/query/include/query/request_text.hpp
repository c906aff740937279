#pragma once
/// Reads as text: the query part of a URL in the grammar that PostgREST made common.
///
/// ```text
/// select=first_name,agent:agents(name)&city=eq.Toronto&order=score.desc&limit=20
///
/// query     = parameter *( "&" parameter )   ; form-urlencoded: a space is "+"
/// parameter = "select=" [ select ]           ; absent: all columns; empty: none
///           / path column "=" condition      ; repeated filters are ANDed
///           / path [ "not." ] ( "and=" / "or=" ) group
///           / path "order=" order / path "limit=" number / path "offset=" number
/// path      = *( embed "." )                 ; embeds by the name they have in the answer
/// select    = item *( "," item )
/// item      = "*" / column / [ alias ":" ] target [ "!" key ] [ "!left" ] "(" [ select ] ")"
/// target    = relation / key column / constraint
///                                            ; "!key" where a relation is related in several ways
/// condition = [ "not." ] operator "." value  ; in a parameter the value is all that follows, raw
/// operator  = "eq" / "neq" / "lt" / "lte" / "gt" / "gte"
///           / "in"                           ; "(" a "," b ")"; "()" matches nothing
///           / "is"                           ; "null" or "not_null"
///           / "ilike"                        ; "*" text "*", or with "%": contains the text
/// group     = "(" [ term *( "," term ) ] ")" ; "and=()" is true, "or=()" false
/// term      = column "." condition / [ "not." ] ( "and" / "or" ) group
/// order     = column [ ".asc" / ".desc" ] [ ".nullsfirst" / ".nullslast" ] [ "," order ]
/// ```
///
/// A name that holds other characters than letters, digits, `_`, `$` and inner `-`, or that means
/// something else in its place (a column called `order`), is written "quoted". Within a group and a
/// list a value ends at `,` or `)` unless it is "quoted"; in quotes `\` takes the next character as
/// it is. In `ilike`, `\` does so too, which makes `\*` a star, `\%` a percent sign and `\_` an
/// underscore; without it they are wildcards, which the text within may not hold. (PostgREST itself
/// has no way to write a star.)
///
/// What the algebra can't say (`!inner`, spreads, renamed columns, casts, JSON paths, aggregates,
/// other operators) is refused by name, never ignored. Order is ascending unless told; nulls are
/// last in ascending, first in descending order.
///
/// Source: PostgREST's URL grammar, docs.postgrest.org.
/// Threads: pure functions.

#include "query/algebra.hpp"

#include <string>
#include <string_view>

namespace tenantry::query {

/// The query part, without `?`, that parse_request reads back. `count`, `has_more`, `after` and
/// `keyset` have no place in it. `read` must be one that `plan` accepts.
///
/// parse_request(print_request(r)) == r for a read without those four, in this form: no column is
/// selected twice; names of embeds differ from each other and from the selected columns; text
/// operands are clean UTF-8; what e-mail columns are compared with is in lower case, and what
/// enumerated columns are equal to, unequal to or in is among the allowed words.
std::string print_request(const Read& read);

/// Reads `query_string` (still percent-encoded, without `?`) as a read of `relation`.
/// Errors: bad_query (grammar, or what can't be asked), unknown_field (no such column), bad_value,
///         bad_id, out_of_range (a value), bad_utf8, too_deep; `field` is the parameter or column.
Result<Read> parse_request(const schema::Catalog& catalog, const Relation& relation,
                           std::string_view query_string);

}  // namespace tenantry::query
