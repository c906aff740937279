#pragma once
/// Archives as bytes: tar under gzip, written and read from the front to the back. The only place
/// that sees libarchive.

#include "base/error.hpp"
#include "base/timestamp.hpp"
#include "services/csv_reader.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct archive;

namespace tenantry::services {

struct FreeArchiveWriter {
    void operator()(archive* handle) const noexcept;
};
struct FreeArchiveReader {
    void operator()(archive* handle) const noexcept;
};

/// Threads: one at a time. Members throw what the sink throws, and std::runtime_error.
class ArchiveWriter {
public:
    using Sink = std::function<void(std::string_view)>;

    /// `modified` is every file's time; the same content gives the same bytes.
    ArchiveWriter(Sink sink, Timestamp modified);
    ArchiveWriter(const ArchiveWriter&) = delete;
    ArchiveWriter& operator=(const ArchiveWriter&) = delete;

    /// Begins a file of exactly `bytes` bytes.
    void begin(std::string_view name, std::uint64_t bytes);
    void write(std::string_view bytes);
    /// Writes the end; nothing after it.
    void finish();

private:
    void check(long result);
    static long on_write(archive* handle, void* self, const void* bytes, std::size_t count);

    Sink sink_;
    Timestamp modified_;
    std::exception_ptr thrown_;
    std::unique_ptr<archive, FreeArchiveWriter> handle_;
};

/// Reads ordinary files out of an archive; nothing is ever written to a disk. `source` must outlive
/// it. Threads: one at a time. Throws what the source throws.
class ArchiveReader {
public:
    /// Errors: bad_file.
    static Result<std::unique_ptr<ArchiveReader>> open(const ByteSource& source);
    ArchiveReader(const ArchiveReader&) = delete;
    ArchiveReader& operator=(const ArchiveReader&) = delete;

    struct Entry {
        std::string name;
        std::uint64_t bytes;
    };
    /// The next file, nullopt at the end. Errors: bad_file (cut off, damaged, something else than
    /// an ordinary file).
    Result<std::optional<Entry>> next();
    /// More of that file, valid until the next call; empty at its end. Errors: bad_file.
    Result<std::string_view> read();

private:
    explicit ArchiveReader(const ByteSource& source);
    Error failed();
    static long on_read(archive* handle, void* self, const void** bytes);

    const ByteSource& source_;
    std::uint64_t offset_ = 0;
    std::vector<char> input_;
    std::vector<char> output_;
    std::exception_ptr thrown_;
    std::unique_ptr<archive, FreeArchiveReader> handle_;
};

}  // namespace tenantry::services
