#include "support/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pty.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tenantry::support {
namespace {

constexpr uid_t nobody = 65534;

[[noreturn]] void fault(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

int checked(int result, const char* what) {
    if (result < 0) fault(what);
    return result;
}

/// Opened before the child gives up its rights, which may not reach as far as the build folder.
int open_program() {
    const char* program = std::getenv("TENANTRY_PROGRAM");
    if (program == nullptr)
        throw std::runtime_error{"TENANTRY_PROGRAM is not set: run this by ctest"};
    return checked(::open(program, O_PATH | O_CLOEXEC), program);
}

/// An unnamed file that holds `text`, to be read from its beginning.
int memory_file(std::string_view text = {}) {
    const int fd = checked(::memfd_create("captured", MFD_CLOEXEC), "memfd_create");
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0) fault("write");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(fd, 0, SEEK_SET);
    return fd;
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 64UL * 1024> buffer{};
    while (true) {
        const auto got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        // A terminal whose last user has gone reports EIO.
        if (got <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

std::string take_captured(int fd) {
    ::lseek(fd, 0, SEEK_SET);
    auto text = read_all(fd);
    ::close(fd);
    return text;
}

/// Null-terminated pointers into `texts`, which must outlive them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

/// What exec needs, allocated before the fork.
class Image {
public:
    explicit Image(const Launch& launch)
        : launch_{launch}, program_{open_program()}, arguments_{"tenantry"} {
        arguments_.insert(arguments_.end(), launch.arguments.begin(), launch.arguments.end());
        for (const auto& [name, value] : launch.environment)
            environment_.push_back(name + "=" + value);
        argument_pointers_ = pointers(arguments_);
        environment_pointers_ = pointers(environment_);
    }
    ~Image() { ::close(program_); }
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;

    /// In the child: becomes the program.
    [[noreturn]] void become() {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        bool ready = launch_.folder.empty() || ::chdir(launch_.folder.c_str()) == 0;
        if (launch_.file_bytes_max) {
            const rlimit limit{*launch_.file_bytes_max, *launch_.file_bytes_max};
            ready = ready && ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
        }
        if (launch_.unprivileged && ::geteuid() == 0) {
            ready = ready && ::setgroups(0, nullptr) == 0 && ::setgid(nobody) == 0 &&
                    ::setuid(nobody) == 0;
        }
        if (ready) ::fexecve(program_, argument_pointers_.data(), environment_pointers_.data());
        ::_exit(127);
    }

private:
    const Launch& launch_;
    int program_;
    std::vector<std::string> arguments_;
    std::vector<std::string> environment_;
    std::vector<char*> argument_pointers_;
    std::vector<char*> environment_pointers_;
};

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) fault("waitpid");
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

pid_t start(const Launch& launch, int in, int out, int err) {
    Image image{launch};
    const pid_t pid = checked(::fork(), "fork");
    if (pid != 0) return pid;
    ::dup2(in, STDIN_FILENO);
    ::dup2(err, STDERR_FILENO);
    if (launch.closed_output) {
        ::close(STDOUT_FILENO);
    } else {
        ::dup2(out, STDOUT_FILENO);
    }
    image.become();
}

}  // namespace

Ended run(const Launch& launch) {
    const int in = memory_file(launch.input);
    const int out = launch.output
                        ? checked(::open(launch.output->c_str(), O_WRONLY | O_CLOEXEC), "output")
                        : memory_file();
    const int err = memory_file();
    Ended ended;
    ended.code = wait_for(start(launch, in, out, err));
    ::close(in);
    if (launch.output) {
        ::close(out);
    } else {
        ended.out = take_captured(out);
    }
    ended.err = take_captured(err);
    return ended;
}

Ended run_on_terminal(const Launch& launch) {
    Image image{launch};
    int terminal = -1;
    const pid_t pid = checked(::forkpty(&terminal, nullptr, nullptr, nullptr), "forkpty");
    if (pid == 0) image.become();
    if (::write(terminal, launch.input.data(), launch.input.size()) < 0) fault("terminal");
    Ended ended;
    ended.out = read_all(terminal);
    ended.code = wait_for(pid);
    ::close(terminal);
    return ended;
}

Running::Running(const Launch& launch) {
    const int in = memory_file(launch.input);
    std::array<int, 2> pipe{};
    checked(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
    err_ = memory_file();
    pid_ = start(launch, in, pipe[1], err_);
    ::close(in);
    ::close(pipe[1]);
    out_ = pipe[0];
}

Running::~Running() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        wait_for(pid_);
    }
    if (out_ >= 0) ::close(out_);
    if (err_ >= 0) ::close(err_);
}

std::string Running::read_line() {
    std::string line;
    for (char c = 0; ::read(out_, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

void Running::signal(int number) const { ::kill(pid_, number); }

Ended Running::wait() {
    Ended ended;
    ended.out = read_all(out_);
    ended.code = wait_for(std::exchange(pid_, -1));
    ended.err = take_captured(std::exchange(err_, -1));
    return ended;
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenantry-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) fault("mkdtemp");
    path_ = pattern;
    ::chmod(path_.c_str(), 0755);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{path_})
        names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream{path, std::ios::binary} << text;
}

}  // namespace tenantry::support
