#include "certificates.hpp"

#include <stdexcept>
#include <vector>

namespace tenantry::engine::testing {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

constexpr auto program = "/usr/bin/openssl";

void make(const User& user, const fs::path& key, const fs::path& certificate,
          const std::string& name, const Arguments& more = {}) {
    Arguments arguments{program,
                        "req",
                        "-x509",
                        "-batch",
                        "-newkey",
                        "ec",
                        "-nodes",
                        "-pkeyopt",
                        "ec_paramgen_curve:prime256v1",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=" + name,
                        "-keyout",
                        key.string(),
                        "-out",
                        certificate.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    run_to_end(user, std::move(arguments));
}

}  // namespace

Certificates::Certificates(const fs::path& folder, const User& user, const std::string& name)
    : authority_{folder / "authority.crt"},
      other_authority_{folder / "other-authority.crt"},
      key_{folder / "server.key"},
      certificate_{folder / "server.crt"} {
    if (!fs::exists(program))
        throw std::runtime_error{"openssl is not installed: apt-get install openssl"};
    const auto authority_key = folder / "authority.key";
    make(user, authority_key, authority_, "authority of the tests");
    make(user, folder / "other-authority.key", other_authority_, "another authority");
    make(user, key_, certificate_, name,
         {"-CA", authority_.string(), "-CAkey", authority_key.string(), "-addext",
          "subjectAltName=DNS:" + name});
}

}  // namespace tenantry::engine::testing
