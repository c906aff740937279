#pragma once
/// Reads lead files in CSV, record by record, in constant memory.
///
/// The dialect is RFC 4180 with commas: a field in double quotes may hold commas, line breaks and
/// doubled quotes. Lines end in CRLF, LF or CR. Text is UTF-8, with or without a byte order mark.
/// The first record is the header. Lines without any byte are passed over.
///
/// Spec:  RFC 4180; the tokenizer is libcsv in strict mode, without trimming.

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {

/// Bytes that can be read at any offset, as often as need be. Threads: any number of readers.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// What there is to read, for progress; it may have changed since.
    virtual std::uint64_t size() const = 0;
    /// Fills the front of `into` with what stands at `offset` and returns how many bytes that were;
    /// 0 only at the end. Throws: std::system_error.
    virtual std::size_t read_at(std::uint64_t offset, std::span<char> into) const = 0;
};

/// Opens a regular file. Errors: bad_file (missing, a folder, unreadable, a pipe), in words.
Result<std::unique_ptr<ByteSource>> open_file(const std::filesystem::path& path);

/// Text in memory, which must outlive it.
class TextSource final : public ByteSource {
public:
    explicit TextSource(std::string_view text) : text_{text} {}
    std::uint64_t size() const override { return text_.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override;

private:
    std::string_view text_;
};

/// One record. The fields are valid until the reader is asked for the next one.
struct CsvRecord {
    std::uint64_t line = 0;  // the physical line, from 1, on which it starts
    std::span<const std::string_view> fields{};
};

/// Reads one file once, from its header to its end. Threads: one at a time.
class CsvReader {
public:
    static constexpr std::size_t chunk_bytes = 64UL * 1024;
    static constexpr std::size_t field_bytes_max = 1024UL * 1024;
    static constexpr std::size_t record_bytes_max = 8UL * 1024 * 1024;
    static constexpr std::size_t columns_max = 1000;

    /// Reads the header. `source` must outlive the reader.
    /// Errors: bad_file, as `next`, and if there is no header.
    static Result<CsvReader> open(const ByteSource& source);

    CsvReader(CsvReader&&) noexcept;
    CsvReader& operator=(CsvReader&&) noexcept;
    ~CsvReader();

    /// The names in the first record, as they stand there.
    const std::vector<std::string>& header() const noexcept;

    /// Moves on to the next record, which may have more or fewer fields than the header. False at
    /// the end of the file.
    /// Errors: bad_file, naming the line, if the file as a whole can't be trusted: a stray or
    ///         unclosed quote, an end in the middle of a row, bytes that aren't UTF-8 text, a
    ///         field, record or number of columns over the limits above. It stays the answer from
    ///         then on.
    Result<bool> next(CsvRecord& record);

    /// How much of the source has been read.
    std::uint64_t offset() const noexcept;

private:
    class Impl;
    explicit CsvReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Reads the file to its end and keeps nothing. Errors: as CsvReader::open and next.
Result<void> check_structure(const ByteSource& source);

}  // namespace tenantry::services
