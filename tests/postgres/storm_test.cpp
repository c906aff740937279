#include "storm_fixture.hpp"

namespace tenantry::engine::postgres {
namespace {

TEST_F(StormTest, AHundredThousandRequestsOfManyTenantsGetTheirOwn) {
    expect_to_weather({.requests = 100'000, .at_once = 48, .break_every = 400});
}

}  // namespace
}  // namespace tenantry::engine::postgres
