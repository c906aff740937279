#pragma once
/// What commands say. Answers go to standard output, everything else to standard error.
/// Threads: one at a time.

#include "base/error.hpp"
#include "base/text.hpp"  // printable, for whoever prints

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::cli {

/// Appends to standard output, which is buffered. A failure is remembered for `finish_output`.
void print(std::string_view text);

/// Writes out what was printed. Errors: storage_full, storage_unusable if any of it could not be.
Result<void> finish_output();
/// Whether all could be written until now. Errors: as finish_output. Either tells it once.
Result<void> output_so_far();

/// `tenantry: <message>` on standard error, without control characters of whatever it quotes.
void report(std::string_view message);

/// Rows of cells in columns, the first row being the heads.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// Whether a person sees standard error as it is written.
bool on_terminal();

/// A bar of how far a long command has got, on standard error if that is a terminal; else nothing.
class ProgressBar {
public:
    explicit ProgressBar(std::string label);
    /// Leaves the line empty for what comes next.
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// Draws only what differs from what is shown.
    void show(std::uint64_t done, std::uint64_t total);

private:
    std::string label_;
    std::string shown_;
    bool active_;
};

/// The line that a ProgressBar shows, `width` characters without the label.
std::string progress_line(std::uint64_t done, std::uint64_t total, std::size_t width);

}  // namespace tenantry::cli
