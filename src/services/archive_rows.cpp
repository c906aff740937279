#include "archive_rows.hpp"

#include <fmt/format.h>

namespace tenantry::services {
namespace {

/// How much of a batch is held in memory.
constexpr std::size_t batch_rows_max = 500;
constexpr std::size_t batch_bytes_max = 4UL << 20;

Error bad(std::string message) { return fail(Errc::bad_file, std::move(message)); }

/// The whole of the next file, which must be of that name.
Result<std::string> read_small(ArchiveReader& reader, std::string_view name) {
    TENANTRY_TRY(entry, reader.next());
    if (!entry || entry->name != name || entry->bytes > manifest_bytes_max) {
        return bad(
            fmt::format("the archive doesn't begin with manifest.json and {}; tenantry made "
                        "no such archive",
                        manifest_hash_name));
    }
    std::string text;
    while (true) {
        TENANTRY_TRY(piece, reader.read());
        if (piece.empty()) return text;
        text += piece;
        if (text.size() > manifest_bytes_max) return bad("the archive's manifest is too long");
    }
}

Result<ArchiveManifest> read_manifest(ArchiveReader& reader) {
    TENANTRY_TRY(text, read_small(reader, manifest_name));
    TENANTRY_TRY(hash, read_small(reader, manifest_hash_name));
    if (hash != manifest_hash(text))
        return bad("the archive's manifest is not what it was: its SHA-256 differs");
    return parse_manifest(text);
}

}  // namespace

Result<std::unique_ptr<ArchiveWalk>> ArchiveWalk::begin(const ByteSource& source) {
    TENANTRY_TRY(reader, ArchiveReader::open(source));
    TENANTRY_TRY(manifest, read_manifest(*reader));
    return std::unique_ptr<ArchiveWalk>{new ArchiveWalk{std::move(reader), std::move(manifest)}};
}

Error ArchiveWalk::in_line(const Error& error) const {
    return bad(
        fmt::format("{}, line {}: {}", archived_file(*current().relation), lines_, error.message));
}

Result<void> ArchiveWalk::open_file() {
    const auto& relation = current();
    const auto name = archived_file(*relation.relation);
    TENANTRY_TRY(entry, reader_->next());
    if (!entry) return bad(fmt::format("the archive ends before {}; it was cut off", name));
    if (entry->name != name)
        return bad(fmt::format("the archive holds another file where {} belongs", name));
    if (entry->bytes != relation.bytes)
        return bad(fmt::format("{} has another size than the manifest says", name));
    rows_.emplace(*relation.relation, manifest_.tenant);
    hash_ = std::make_unique<Sha256>();
    bytes_ = 0;
    lines_ = 0;
    pending_.clear();
    return {};
}

/// False at the end of the file.
Result<bool> ArchiveWalk::fill() {
    TENANTRY_TRY(piece, reader_->read());
    if (piece.empty()) return false;
    hash_->add(piece);
    bytes_ += piece.size();
    pending_ += piece;
    return true;
}

Result<void> ArchiveWalk::take_lines(Batch& batch) {
    std::size_t from = 0;
    while (batch.rows.size() < batch_rows_max) {
        const auto end = pending_.find('\n', from);
        if (end == std::string::npos) break;
        ++lines_;
        auto row = rows_->parse(std::string_view{pending_}.substr(from, end - from));
        if (!row) return in_line(row.error());
        batch.rows.push_back(std::move(*row));
        from = end + 1;
    }
    pending_.erase(0, from);
    return {};
}

Result<void> ArchiveWalk::end_file() {
    const auto& relation = current();
    const auto name = archived_file(*relation.relation);
    if (!pending_.empty()) return bad(fmt::format("{} ends within a line", name));
    if (bytes_ != relation.bytes || hash_->finish() != relation.sha256)
        return bad(fmt::format("{} is not what the manifest says: its SHA-256 differs", name));
    if (lines_ != relation.rows) {
        return bad(
            fmt::format("{} has {} rows, the manifest says {}", name, lines_, relation.rows));
    }
    rows_.reset();
    ++at_;
    return {};
}

Result<std::optional<ArchiveWalk::Batch>> ArchiveWalk::next() {
    while (at_ < manifest_.relations.size()) {
        if (!rows_) TENANTRY_TRY_VOID(open_file());
        Batch batch{current().relation, rows_->columns(), {}};
        std::size_t bytes = 0;
        bool more = true;
        while (more && batch.rows.size() < batch_rows_max && bytes < batch_bytes_max) {
            const auto before = pending_.size();
            TENANTRY_TRY_VOID(take_lines(batch));
            bytes += before - pending_.size();
            if (pending_.size() > archive_line_bytes_max) {
                ++lines_;
                return in_line(bad("is too long"));
            }
            if (batch.rows.size() == batch_rows_max) break;
            TENANTRY_TRY(filled, fill());
            more = filled;
        }
        if (!more) TENANTRY_TRY_VOID(end_file());
        if (!batch.rows.empty()) return std::optional{std::move(batch)};
    }
    TENANTRY_TRY(rest, reader_->next());
    if (rest) return bad("the archive holds more files than its manifest names");
    return std::optional<Batch>{};
}

}  // namespace tenantry::services
