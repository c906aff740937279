#pragma once
/// Runs the real program as a user would, and looks at what it says. Linux.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::support {

/// How to start the program. It inherits nothing of the test's environment.
struct Launch {
    std::vector<std::string> arguments{};  // after the program's name
    std::map<std::string, std::string> environment{};
    std::filesystem::path folder{};                 // its current one
    std::string input{};                            // its standard input
    std::optional<std::filesystem::path> output{};  // its standard output, instead of a capture
    bool closed_output = false;                     // it starts without a standard output
    bool unprivileged = false;                      // if the tests run as root, it runs as nobody
    std::optional<std::uint64_t> file_bytes_max{};  // no file of it may grow beyond (setrlimit)
};

/// How a process ended.
struct Ended {
    int code = -1;  // exit code; 128 + the signal's number if one ended it
    std::string out{};
    std::string err{};
};

/// Runs it to its end.
Ended run(const Launch& launch);

/// Runs it on a terminal, where `input` is typed. `out` holds all that the terminal showed.
Ended run_on_terminal(const Launch& launch);

/// A process at work. Killed when destroyed.
class Running {
public:
    explicit Running(const Launch& launch);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    /// The next line of its standard output without the line feed; empty when there are no more.
    std::string read_line();
    void signal(int number) const;
    /// What is left of its output.
    Ended wait();

private:
    pid_t pid_ = -1;
    int out_ = -1;
    int err_ = -1;
};

/// A folder of its own for each test, gone afterwards. Anybody may look into it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    /// The names in it, in order.
    std::vector<std::string> names() const;

private:
    std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace tenantry::support
