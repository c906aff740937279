#include "archive_file.hpp"

#include <fmt/format.h>

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <new>
#include <stdexcept>

namespace tenantry::services {
namespace {

constexpr std::size_t chunk_bytes = 64UL * 1024;
constexpr int owner_only = 0600;

struct FreeEntry {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

}  // namespace

void FreeArchiveWriter::operator()(archive* handle) const noexcept { archive_write_free(handle); }
void FreeArchiveReader::operator()(archive* handle) const noexcept { archive_read_free(handle); }

ArchiveWriter::ArchiveWriter(Sink sink, Timestamp modified)
    : sink_{std::move(sink)}, modified_{modified}, handle_{archive_write_new()} {
    if (!handle_) throw std::bad_alloc{};
    check(archive_write_add_filter_gzip(handle_.get()));
    check(archive_write_set_filter_option(handle_.get(), "gzip", "timestamp", nullptr));
    // Plain ustar, but for files that are too large for it.
    check(archive_write_set_format_pax_restricted(handle_.get()));
    check(archive_write_set_bytes_in_last_block(handle_.get(), 1));
    check(archive_write_open(handle_.get(), this, nullptr, on_write, nullptr));
}

long ArchiveWriter::on_write(archive* handle, void* self, const void* bytes, std::size_t count) {
    auto& writer = *static_cast<ArchiveWriter*>(self);
    // What the sink throws must not pass through C.
    if (!writer.thrown_) {
        try {
            writer.sink_({static_cast<const char*>(bytes), count});
            return static_cast<long>(count);
        } catch (...) {
            writer.thrown_ = std::current_exception();
        }
    }
    archive_set_error(handle, EIO, "the archive can't be written");
    return -1;
}

void ArchiveWriter::check(long result) {
    if (thrown_) std::rethrow_exception(thrown_);
    if (result < ARCHIVE_OK) {
        const char* why = archive_error_string(handle_.get());
        throw std::runtime_error{fmt::format("libarchive: {}", why != nullptr ? why : "unknown")};
    }
}

void ArchiveWriter::begin(std::string_view name, std::uint64_t bytes) {
    const std::unique_ptr<archive_entry, FreeEntry> entry{archive_entry_new()};
    if (!entry) throw std::bad_alloc{};
    archive_entry_set_pathname(entry.get(), std::string{name}.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), owner_only);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(modified_);
    archive_entry_set_mtime(entry.get(), seconds.time_since_epoch().count(), 0);
    check(archive_write_header(handle_.get(), entry.get()));
}

void ArchiveWriter::write(std::string_view bytes) {
    const auto written = archive_write_data(handle_.get(), bytes.data(), bytes.size());
    check(static_cast<long>(written));
    if (static_cast<std::size_t>(written) != bytes.size())
        throw std::logic_error{"a file of the archive is larger than announced"};
}

void ArchiveWriter::finish() { check(archive_write_close(handle_.get())); }

ArchiveReader::ArchiveReader(const ByteSource& source)
    : source_{source}, input_(chunk_bytes), output_(chunk_bytes), handle_{archive_read_new()} {}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::open(const ByteSource& source) {
    std::unique_ptr<ArchiveReader> reader{new ArchiveReader{source}};
    auto* handle = reader->handle_.get();
    if (handle == nullptr) throw std::bad_alloc{};
    const bool ready =
        archive_read_support_filter_gzip(handle) == ARCHIVE_OK &&
        archive_read_support_format_tar(handle) == ARCHIVE_OK &&
        archive_read_open(handle, reader.get(), nullptr, on_read, nullptr) == ARCHIVE_OK;
    if (!ready) return reader->failed();
    return reader;
}

long ArchiveReader::on_read(archive* handle, void* self, const void** bytes) {
    auto& reader = *static_cast<ArchiveReader*>(self);
    try {
        const auto got = reader.source_.read_at(reader.offset_, reader.input_);
        reader.offset_ += got;
        *bytes = reader.input_.data();
        return static_cast<long>(got);
    } catch (...) {
        reader.thrown_ = std::current_exception();
    }
    archive_set_error(handle, EIO, "the archive can't be read");
    return -1;
}

Error ArchiveReader::failed() {
    if (thrown_) std::rethrow_exception(thrown_);
    return fail(Errc::bad_file,
                "the archive is damaged, cut off, or none that tenantry made; get it again from "
                "where it was made");
}

Result<std::optional<ArchiveReader::Entry>> ArchiveReader::next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(handle_.get(), &entry);
    if (result == ARCHIVE_EOF) return std::optional<Entry>{};
    if (result != ARCHIVE_OK) return failed();
    const char* name = archive_entry_pathname(entry);
    const bool ordinary = name != nullptr && archive_entry_filetype(entry) == AE_IFREG &&
                          archive_entry_hardlink(entry) == nullptr &&
                          archive_entry_size_is_set(entry) != 0 && archive_entry_size(entry) >= 0;
    if (!ordinary) {
        return fail(Errc::bad_file,
                    "the archive holds something else than ordinary files; tenantry made no such "
                    "archive");
    }
    return std::optional{Entry{name, static_cast<std::uint64_t>(archive_entry_size(entry))}};
}

Result<std::string_view> ArchiveReader::read() {
    const auto got = archive_read_data(handle_.get(), output_.data(), output_.size());
    if (got < 0) return failed();
    return std::string_view{output_.data(), static_cast<std::size_t>(got)};
}

}  // namespace tenantry::services
