#include "server.hpp"

#include "child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tenantry::mail {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using engine::testing::spawn;

// Debian's own: its modules are no other's.
constexpr auto program = "/usr/bin/python3";

fs::path make_folder() {
    auto pattern = (fs::temp_directory_path() / "tenantry-mail-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
    return pattern;
}

std::string read_line(int descriptor) {
    std::string line;
    for (char c = 0; ::read(descriptor, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

std::string read_rest(int descriptor) {
    std::string text;
    for (char c = 0; ::read(descriptor, &c, 1) == 1;) text += c;
    return text;
}

Taken taken_of(const json::object& o) {
    return {.from = json::value_to<std::string>(o.at("from")),
            .to = json::value_to<std::vector<std::string>>(o.at("to")),
            .options = json::value_to<std::vector<std::string>>(o.at("options")),
            .tls = o.at("tls").as_bool(),
            .user = json::value_to<std::string>(o.at("user")),
            .raw = json::value_to<std::string>(o.at("raw")),
            .headers = json::value_to<std::map<std::string, std::string>>(o.at("headers")),
            .text = json::value_to<std::string>(o.at("text"))};
}

}  // namespace

Server::Server(const std::vector<std::string>& options) : folder_{make_folder()} {
    std::vector<std::string> words{program, TENANTRY_SOURCE_DIR "/tests/mail/server.py",
                                   folder_.string()};
    words.insert(words.end(), options.begin(), options.end());
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
    process_ = spawn({}, words, pipe[1]);
    ::close(pipe[1]);
    output_ = pipe[0];
    const auto line = read_line(output_);
    constexpr std::string_view word = "port ";
    if (line.starts_with(word)) {
        std::from_chars(line.data() + word.size(), line.data() + line.size(), port_);
        return;
    }
    const auto said = line + "\n" + read_rest(output_);
    ::waitpid(process_, nullptr, 0);
    ::close(output_);
    fs::remove_all(folder_);
    throw std::runtime_error{"the mail server didn't start (apt-get install python3-aiosmtpd?): " +
                             said};
}

Server::~Server() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    ::close(output_);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::string Server::url(const std::string& scheme, const std::string& host) const {
    return fmt::format("{}://{}:{}", scheme, host, port_);
}

std::vector<Taken> Server::taken() const {
    std::vector<Taken> all;
    for (int number = 1;; ++number) {
        std::ifstream file{folder_ / fmt::format("{}.json", number)};
        if (!file) return all;
        std::ostringstream text;
        text << file.rdbuf();
        all.push_back(taken_of(json::parse(text.str()).as_object()));
    }
}

}  // namespace tenantry::mail
