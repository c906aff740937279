#pragma once
/// Reads as text: the query part of a URL in the grammar that PostgREST made common.
///
/// ```text
/// select=first_name,agent:agents(name)&city=eq.Toronto&order=score.desc&limit=20
///
/// query     = parameter *( "&" parameter )   ; form-urlencoded: a space is "+"
/// parameter = "select=" [ select ]           ; absent: all columns; empty: none
///           / path place "=" condition       ; repeated filters are ANDed; so are `city[0]=…` and
///                                            ; `city[1]=…`, as clients write lists of conditions
///           / path embed "=" ( "is.null" / "not.is.null" )
///                                            ; rows without, or with, a row that is embedded
///           / path [ "not." ] ( "and=" / "or=" ) group
///           / path "order=" order / path "limit=" number / path "offset=" number
/// path      = *( embed "." )                 ; embeds by the name they have in the answer
/// place     = column *( "->" step ) [ "->>" step ]      ; within JSON; ->> gives a text
/// step      = name / index                   ; an index from the end is negative
/// select    = item *( "," item )
/// item      = "*" / [ alias ":" ] place [ "::text" ]
///           / [ "..." ] [ alias ":" ] target [ "!" key ] [ "!left" / "!inner" ] "(" [ select ] ")"
///                                            ; "...": of one row, its columns among the others
///                                            ; "!inner": rows without one are left out
///           / [ alias ":" ] "count" [ "::text" ]
///                                            ; alone: how many rows there are, as [{"count": 2}]
/// target    = relation / key column / constraint
///                                            ; "!key" where a relation is related in several ways
/// condition = [ "not." ] operator "." value  ; in a parameter the value is all that follows, raw
///           / [ "not." ] operator ( "(any)." / "(all)." ) array
/// operator  = "eq" / "neq" / "lt" / "lte" / "gt" / "gte" / "isdistinct"
///           / "in"                           ; "(" a "," b ")"; "()" matches nothing
///           / "is"                           ; "null", "not_null", "true", "false", "unknown"
///           / "like" / "ilike"               ; "*" or "%" for any text, "_" for a character
///           / "match" / "imatch"             ; regular expressions: base/pattern.hpp
///           / "cs" / "cd" / "ov"             ; arrays and JSON: contains, is contained in,
///           overlaps
/// array     = "{" a "," b "}"
/// group     = "(" [ term *( "," term ) ] ")" ; "and=()" is true, "or=()" false
/// term      = place "." condition / [ "not." ] ( "and" / "or" ) group
/// order     = ordered [ ".asc" / ".desc" ] [ ".nullsfirst" / ".nullslast" ] [ "," order ]
/// ordered   = place / embed "(" place ")"    ; embedded: of one row, null where there is none
/// ```
///
/// A name that holds other characters than letters, digits, `_`, `$` and inner `-`, or that means
/// something else in its place (a column called `order`), is written "quoted". Within a group and a
/// list a value ends at `,` or `)` unless it is "quoted", or an array or JSON in braces; in quotes
/// `\` takes the next character as it is. In `like` and `ilike`, `\` does so too, which makes `\*`
/// a star, `\%` a percent sign and `\_` an underscore. (PostgREST itself has no way to write a
/// star.) `ilike` folds the case of all letters, `imatch` of ASCII alone.
///
/// What the algebra can't say (ranges, aggregates, other casts) is refused by name, never ignored.
/// `->` orders as jsonb does. Order is ascending unless told;
/// nulls are last in ascending, first in descending order. A limit beyond limits::page_rows_max
/// means that.
///
/// Source: PostgREST's URL grammar, docs.postgrest.org.
/// Threads: pure functions.

#include "query/shape.hpp"

#include <span>
#include <string>
#include <string_view>

namespace tenantry::query {

/// The query part, without `?`, that parse_request reads back. `count`, `has_more`, `after`,
/// `keyset` have no place in it, and filters by related rows only where they say whether an embed
/// is there. `read` must be one that `plan` accepts, as it was before.
///
/// parse_request(print_request(r)) == {r, plain_shape(r)} for a read without those, in this form:
/// no column is selected twice; names of embeds differ from each other and from the selected
/// columns; text operands are clean UTF-8; what e-mail columns are compared with is in lower case,
/// and what enumerated columns are equal to, unequal to or in is among the allowed words; an
/// `ilike` isn't one that `contains` would say.
std::string print_request(const Read& read);

/// Reads `query_string` (still percent-encoded, without `?`) as a read of `relation`. `others`:
/// parameters that are not the read's.
/// Errors: bad_query (grammar, or what can't be asked), unknown_field (no such column),
///         unknown_relationship, ambiguous_relationship, not_embedded, not_to_one (to order by),
///         aggregate_refused, unknown_type, cannot_cast, bad_value, bad_id, out_of_range (a value),
///         bad_utf8, too_deep; `field` is the parameter or column.
Result<ShapedRead> parse_request(const schema::Catalog& catalog, const Relation& relation,
                                 std::string_view query_string,
                                 std::span<const std::string_view> others = {});

}  // namespace tenantry::query
