#include "handle_fixture.hpp"

namespace tenantry::http {
namespace {

TEST_F(HandleTest, ThePrincipalIsAskedForBeforeAnythingElseIsLookedAt) {
    auto wrong = request(Method::patch, "/api/leads/no-id?what=ever", "no json");
    wrong.content_type = "text/plain";
    wrong.authorization.clear();
    EXPECT_EQ(refusal(run(wrong)), "401 token_missing");
    wrong.authorization = "Bearer x";
    EXPECT_EQ(refusal(run(wrong)), "401 token_invalid");
    wrong.authorization = token("acme", "viewer");
    EXPECT_EQ(refusal(run(wrong)), "403 role_insufficient");
    wrong.authorization = token("acme", "operator");
    EXPECT_EQ(refusal(run(wrong)), "400 bad_query");
    wrong.target = "/api/leads/no-id";
    EXPECT_EQ(refusal(run(wrong)), "415 unsupported_media_type");
    wrong.content_type = "application/json";
    EXPECT_EQ(refusal(run(wrong)), "400 bad_id");
    wrong.target = "/api/leads/" + std::string{lead_id};
    EXPECT_EQ(refusal(run(wrong)), "400 bad_json");
    EXPECT_EQ(executor_.runs, 0U);
}

TEST_F(HandleTest, WithoutATenantTheAnswerIsTheKnownOne) {
    auto asked = request(Method::get, "/api/leads");
    const auth::Claims claims{
        .subject = "someone", .tenant = {}, .role = "owner", .expires_at = clock_.now() + 1h};
    asked.authorization = "Bearer " + verifier_.issue(claims, clock_.now());
    const auto response = run(asked);
    EXPECT_EQ(response.status, Status::forbidden);
    EXPECT_EQ(response.body, R"({"error":"Tenant context required","code":"tenant_required"})");
}

TEST_F(HandleTest, SuspendedTenantsAreRefused) {
    auto asked = request(Method::get, "/api/leads");
    asked.authorization = token("closed", "owner");
    EXPECT_EQ(refusal(run(asked)), "403 tenant_unavailable");
}

TEST_F(HandleTest, SelectorMustAgreeWithTheToken) {
    auto asked = request(Method::get, "/api/agents");
    asked.tenant_selector = "other";
    EXPECT_EQ(refusal(run(asked)), "403 tenant_mismatch");
    asked.tenant_selector = "";
    EXPECT_EQ(refusal(run(asked)), "403 tenant_mismatch");
    asked.tenant_selector = "acme";
    EXPECT_EQ(run(asked).status, Status::ok);
}

TEST_F(HandleTest, AgentsAreManagedByAdmins) {
    for (const auto* role : {"viewer", "operator"}) {
        for (const auto& [method, path] :
             {std::pair{Method::post, "/api/agents"}, std::pair{Method::put, "/api/agents/x"},
              std::pair{Method::patch, "/api/agents/x"},
              std::pair{Method::delete_, "/api/agents/x"}}) {
            auto asked = request(method, path);
            asked.authorization = token("acme", role);
            EXPECT_EQ(refusal(run(asked)), "403 role_insufficient") << role << " " << path;
        }
        auto reading = request(Method::get, "/api/agents");
        reading.authorization = token("acme", role);
        EXPECT_EQ(run(reading).status, Status::ok) << role;
    }
}

TEST_F(HandleTest, RoutesAreRefusedWithTheirAllowance) {
    EXPECT_EQ(refusal(run(request(Method::get, "/nowhere"))), "404 no_such_route");
    const auto response = run(request(Method::delete_, "/api/leads"));
    EXPECT_EQ(refusal(response), "405 method_not_allowed");
    EXPECT_EQ(response.headers, "allow: GET, HEAD, POST, OPTIONS\r\n");
}

TEST_F(HandleTest, MalformedTargetsAreRefused) {
    EXPECT_EQ(refusal(run(request(Method::get, "/%"))), "400 bad_request");
    EXPECT_EQ(refusal(run(request(Method::get, "/%ff"))), "400 bad_utf8");
}

TEST_F(HandleTest, RefusalsOfTheEngineAreAnswers) {
    executor_.reply = [] { return fail(Errc::overloaded, "too many writes are waiting"); };
    const auto response = run(request(Method::get, "/api/leads"));
    EXPECT_EQ(refusal(response), "503 overloaded");
    EXPECT_EQ(response.headers, "retry-after: 1\r\n");
}

TEST_F(HandleTest, RowsThatAreNotThereAreNotFound) {
    const auto path = "/api/leads/" + std::string{lead_id};
    EXPECT_EQ(refusal(run(request(Method::get, path))), "404 not_found");
    EXPECT_EQ(refusal(run(request(Method::head, path))), "404 not_found");
    EXPECT_EQ(refusal(run(request(Method::put, path, R"({"first_name":"A"})"))), "404 not_found");
    EXPECT_EQ(refusal(run(request(Method::patch, path, R"({"first_name":"A"})"))), "404 not_found");
    EXPECT_EQ(refusal(run(request(Method::delete_, path))), "404 not_found");
    EXPECT_EQ(refusal(run(request(Method::get, path + "/events"))), "404 not_found");
}

TEST_F(HandleTest, FaultsAreLoggedOnceAndNotShown) {
    executor_.reply = []() -> Result<query::Reply> { throw engine::Fault{"the disk is on fire"}; };
    auto asked = request(Method::get, "/api/leads");
    asked.id = "my-1";
    const auto response = run(asked);
    EXPECT_EQ(refusal(response), "500 internal_error");
    EXPECT_EQ(response.id, "my-1");
    EXPECT_EQ(response.body.find("fire"), std::string::npos);
    EXPECT_EQ(observer_.faulted, std::vector<std::string>{"my-1 /api/leads the disk is on fire"});
    EXPECT_EQ(observer_.finished, std::vector<std::string>{"GET /api/leads 500 acme"});
}

TEST_F(HandleTest, FaultsOfTheDirectoryAreFaultsToo) {
    auto asked = request(Method::post, "/api/leads", "{}");
    asked.authorization = token("broken", "owner");
    EXPECT_EQ(refusal(run(asked)), "500 internal_error");
    EXPECT_EQ(refusal(refuse(asked).value()), "500 internal_error");
    EXPECT_EQ(observer_.faulted.size(), 2U);
}

TEST_F(HandleTest, TheDeadlineIsPassedOn) {
    const auto deadline = engine::Deadline{} + 5s;
    run(request(Method::get, "/api/leads"), deadline);
    EXPECT_EQ(executor_.last_deadline, deadline);
}

TEST_F(HandleTest, EventsNameThePatternAndNotTheTarget) {
    run(request(Method::get, "/api/leads/" + std::string{lead_id}));
    run(request(Method::get, "/api/leads?search=secret"));
    run(request(Method::get, "/wp-admin.php"));
    EXPECT_EQ(observer_.finished,
              (std::vector<std::string>{"GET /api/leads/{id} 404 acme", "GET /api/leads 200 acme",
                                        "GET  404 "}));
}

TEST_F(HandleTest, HealthNeedsNobody) {
    auto asked = request(Method::get, "/healthz");
    asked.authorization.clear();
    EXPECT_EQ(run(asked).body, R"({"status":"alive"})");
    asked.target = "/readyz";
    EXPECT_EQ(run(asked).body, R"({"status":"ready"})");
    readiness_.readable = false;
    EXPECT_EQ(refusal(run(asked)), "503 storage_unusable");
    app_.stopping = true;
    EXPECT_EQ(refusal(run(asked)), "503 shutting_down");
    asked.target = "/healthz";
    EXPECT_EQ(run(asked).status, Status::ok);
}

TEST_F(HandleTest, RefusalsAreToldAsTheClientPrefers) {
    auto asked = request(Method::get, "/nowhere?secret=1");
    asked.accept = "application/problem+json";
    const auto response = run(asked);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(
        response.body,
        R"({"type":"urn:tenantry:problem:no_such_route","title":"No such route","status":404,)"
        R"("detail":"there is nothing at this path","code":"no_such_route","instance":"/nowhere"})");
    asked.method = Method::post;
    asked.target = "/api/leads";
    asked.authorization.clear();
    EXPECT_EQ(refuse(asked)->content_type, "application/problem+json");
    EXPECT_EQ(refuse_malformed(app_, asked, Status::bad_request, fail(Errc::bad_request, "no"))
                  .content_type,
              "application/problem+json");
}

TEST_F(HandleTest, TheDocumentNeedsNobody) {
    auto asked = request(Method::get, "/openapi.json");
    asked.authorization.clear();
    EXPECT_EQ(run(asked).status, Status::ok);
    asked.if_none_match = "*";
    EXPECT_EQ(run(asked).status, Status::not_modified);
}

TEST_F(HandleTest, RequestsHaveAName) {
    auto asked = request(Method::get, "/api/leads");
    EXPECT_EQ(run(asked).id.size(), 12U);
    asked.id = "not a name";
    EXPECT_EQ(run(asked).id.size(), 12U);
    asked.id = "trace-7";
    EXPECT_EQ(run(asked).id, "trace-7");
    EXPECT_EQ(refuse_malformed(app_, asked, Status::bad_request, fail(Errc::bad_request, "")).id,
              "trace-7");
    asked.target = "/nowhere";
    EXPECT_EQ(refuse(asked)->id, "trace-7");
}

TEST_F(HandleTest, EventsNameThePrincipal) {
    run(request(Method::get, "/api/leads"));
    EXPECT_EQ(observer_.principals, std::vector<std::string>{"someone"});
}

TEST_F(HandleTest, TurnsAreTakenByTenant) {
    auto asked = request(Method::get, "/api/leads");
    const auto first = run(asked).on_behalf;
    EXPECT_EQ(run(asked).on_behalf, first);
    EXPECT_NE(first, 0U);
    asked.authorization = token("other", "admin");
    EXPECT_NE(run(asked).on_behalf, first);
    asked.authorization.clear();
    EXPECT_EQ(run(asked).on_behalf, 0U);
}

class OnePage final : public MetricsPage {
public:
    std::string render() override { return "up 1\n"; }
};

TEST_F(HandleTest, MetricsAreForThoseConfigured) {
    auto asked = request(Method::get, "/metrics");
    asked.from_loopback = true;
    EXPECT_EQ(refusal(run(asked)), "404 no_such_route");
    OnePage page;
    app_.metrics = &page;
    EXPECT_EQ(refusal(run(asked)), "403 role_insufficient") << "a tenant's token, for the default";
    app_.metrics_access = MetricsAccess::loopback;
    EXPECT_EQ(run(asked).body, "up 1\n");
    EXPECT_EQ(run(asked).content_type, "text/plain; version=0.0.4; charset=utf-8");
    asked.forwarded = true;
    EXPECT_EQ(refusal(run(asked)), "403 role_insufficient");
    asked.authorization.clear();
    EXPECT_EQ(refusal(run(asked)), "401 token_missing");
    asked = request(Method::get, "/metrics");
    EXPECT_EQ(refusal(run(asked)), "403 role_insufficient");
    app_.metrics_access = MetricsAccess::on;
    EXPECT_EQ(run(asked).body, "up 1\n");
    app_.metrics_access = MetricsAccess::off;
    asked.from_loopback = true;
    EXPECT_EQ(refusal(run(asked)), "404 no_such_route");
}

TEST_F(HandleTest, OptionsTellTheMethods) {
    auto asked = request(Method::options, "/api/leads/1");
    asked.authorization.clear();
    const auto response = run(asked);
    EXPECT_EQ(response.status, Status::no_content);
    EXPECT_EQ(response.headers.find("allow: GET, HEAD, PUT, PATCH, DELETE, OPTIONS\r\n"), 0U);
    asked.target = "/nowhere";
    EXPECT_EQ(refusal(run(asked)), "404 no_such_route");
    asked.target = "*";
    EXPECT_EQ(run(asked).status, Status::no_content);
}

TEST_F(HandleTest, OtherOriginsSeeNothingUnlessConfigured) {
    auto asked = request(Method::get, "/api/leads");
    asked.origin = "https://app.example.com";
    EXPECT_EQ(run(asked).headers, "");
    app_.cors_origins = {"https://app.example.com"};
    EXPECT_NE(run(asked).headers.find("access-control-allow-origin: https://app.example.com\r\n"),
              std::string::npos);
    asked.origin = "https://evil.example.com";
    EXPECT_EQ(run(asked).headers, "vary: origin\r\n");
    app_.cors_origins = {"*"};
    EXPECT_NE(run(asked).headers.find("access-control-allow-origin: *\r\n"), std::string::npos);
}

TEST_F(HandleTest, BodiesAreNotWaitedForInVain) {
    EXPECT_FALSE(refuse(request(Method::post, "/api/leads")));
    EXPECT_FALSE(refuse(request(Method::options, "/api/leads")));
    EXPECT_FALSE(refuse(request(Method::get, "/healthz")));
    EXPECT_EQ(observer_.finished.size(), 0U);
    auto asked = request(Method::post, "/api/leads");
    asked.content_type = "text/plain";
    EXPECT_EQ(refusal(refuse(asked).value()), "415 unsupported_media_type");
    asked.authorization.clear();
    EXPECT_EQ(refusal(refuse(asked).value()), "401 token_missing");
    EXPECT_EQ(refusal(refuse(request(Method::post, "/nowhere")).value()), "404 no_such_route");
    EXPECT_EQ(refusal(refuse(request(Method::post, "/%")).value()), "400 bad_request");
    EXPECT_EQ(observer_.finished.size(), 4U);
}

}  // namespace
}  // namespace tenantry::http
