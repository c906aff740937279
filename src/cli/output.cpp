#include "cli/output.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace tenantry::cli {
namespace {

/// errno of the first write to standard output that failed, 0 if none has.
int first_failure = 0;
bool failure_told = false;

void remember_failure() {
    if (first_failure == 0) first_failure = errno != 0 ? errno : EIO;
}

std::size_t character_count(std::string_view text) {
    // Every byte but the continuation bytes of UTF-8 begins a character.
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

void print(std::string_view text) {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) remember_failure();
}

Result<void> output_so_far() {
    if (first_failure == 0 || std::exchange(failure_told, true)) return {};
    const auto reason = std::generic_category().message(first_failure);
    return fail(first_failure == ENOSPC ? Errc::storage_full : Errc::storage_unusable,
                fmt::format("cannot write to standard output: {}", reason));
}

Result<void> finish_output() {
    errno = 0;
    if (std::fflush(stdout) != 0) remember_failure();
    return output_so_far();
}

void report(std::string_view message) {
    const auto line = fmt::format("tenantry: {}\n", printable(message));
    std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], character_count(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += printable(row[i]);
            if (i + 1 < row.size()) out.append(widths[i] - character_count(row[i]) + 2, ' ');
        }
        out += '\n';
    }
    return out;
}

bool on_terminal() {
    const char* kind = std::getenv("TERM");
    const bool dumb = kind != nullptr && std::string_view{kind} == "dumb";
    return !dumb && ::isatty(STDERR_FILENO) == 1;
}

std::string progress_line(std::uint64_t done, std::uint64_t total, std::size_t width) {
    const auto part =
        total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
    return fmt::format("[{}{}] {:3}%", std::string(filled, '#'), std::string(width - filled, '.'),
                       static_cast<int>(part * 100));
}

ProgressBar::ProgressBar(std::string label) : label_{std::move(label)}, active_{on_terminal()} {}

ProgressBar::~ProgressBar() {
    // Carriage return, erase to the end of the line.
    if (!shown_.empty()) std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
    constexpr std::size_t bar_width = 40;
    if (!active_) return;
    auto line = fmt::format("\r{} {}", label_, progress_line(done, total, bar_width));
    if (line == shown_) return;
    shown_ = std::move(line);
    std::fputs(shown_.c_str(), stderr);
}

}  // namespace tenantry::cli
