#include "query/plan.hpp"
#include "query/request_text.hpp"
#include "schema/lead_schema.hpp"
#include "support/generators.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tenantry::query {
namespace {

const support::RequestGenerator& generator() {
    static const support::RequestGenerator made{
        {.catalog = &schema::lead_catalog(), .embed_depth_max = 3}};
    return made;
}

RC_GTEST_PROP(RequestTextProperty, WhatIsPrintedReadsBackAsItWas, ()) {
    for (int i = 0; i < 20; ++i) {
        const auto read = *generator().read();
        const auto text = print_request(read);
        RC_LOG(text);
        const auto parsed = parse_request(schema::lead_catalog(), *read.relation, text);
        RC_ASSERT(parsed.has_value());
        RC_ASSERT(parsed->read == read);
        RC_ASSERT(parsed->shape == plain_shape(read));
        RC_ASSERT(print_request(parsed->read) == text);
    }
}

RC_GTEST_PROP(RequestTextProperty, PrintedTextIsPlainAscii, ()) {
    for (const char c : print_request(*generator().read())) {
        RC_ASSERT(c > ' ' && c < 0x7f &&
                  std::string_view{"\"<>#\\^`{}|"}.find(c) == std::string_view::npos);
    }
}

RC_GTEST_PROP(RequestTextProperty, AnyTextIsReadOrRefused, ()) {
    // Pieces of the grammar in any order: what is taken must have a canonical text.
    static const std::vector<std::string> pieces{"select=",
                                                 "*",
                                                 "id",
                                                 "city",
                                                 "agents",
                                                 "events",
                                                 "(",
                                                 ")",
                                                 ",",
                                                 ".",
                                                 ":",
                                                 "!",
                                                 "&",
                                                 "=",
                                                 "or",
                                                 "and",
                                                 "not",
                                                 "eq",
                                                 "in",
                                                 "is",
                                                 "null",
                                                 "ilike",
                                                 "order",
                                                 "desc",
                                                 "limit",
                                                 "10",
                                                 "offset",
                                                 "%22",
                                                 "\\",
                                                 "*x*",
                                                 "->",
                                                 "...",
                                                 "+",
                                                 "score",
                                                 "nullslast",
                                                 "%5C",
                                                 "or=(",
                                                 "city=eq.",
                                                 "city=in.(",
                                                 "&order=",
                                                 "&limit=",
                                                 "agents(id)",
                                                 "!inner",
                                                 "count",
                                                 "->>a",
                                                 "metadata",
                                                 "cs.{a}",
                                                 "like.a*",
                                                 "agents(name)",
                                                 "(any).{a,b}",
                                                 "::text",
                                                 "tags",
                                                 "&agents=is.null"};
    std::string text;
    for (const auto& piece :
         *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
        text += piece;
    const auto& catalog = schema::lead_catalog();
    const auto& leads = catalog.relation("leads");
    const auto parsed = parse_request(catalog, leads, text);
    RC_CLASSIFY(parsed.has_value());
    if (!parsed) {
        RC_ASSERT(!parsed.error().message.empty());
        return;
    }
    RC_ASSERT(parse_request(catalog, leads, print_request(parsed->read)).value().read ==
              parsed->read);
}

RC_GTEST_PROP(GeneratorProperty, PlansAccept, ()) {
    static const support::RequestGenerator paging{
        {.catalog = &schema::lead_catalog(), .paging = true}};
    auto request = *paging.request();
    const Stamp stamp{Timestamp{}, [] { return Uuid{}; }};
    const auto planned = plan(request, stamp);
    if (!planned) RC_LOG() << planned.error();
    RC_ASSERT(planned.has_value());
}

}  // namespace
}  // namespace tenantry::query
