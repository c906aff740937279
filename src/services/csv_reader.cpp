// libcsv splits bytes into fields and records; this file adds what it doesn't know: line numbers,
// limits, encodings, and words for everything that can be wrong with a file.
//
// The source is read in chunks and handed to libcsv line by line. A record ends only where a line
// does, so each hand-over yields at most one record, and a record starts on the line that was fed
// when the one before had ended. libcsv copies a field into its buffer and calls `take_field` with
// it; the fields of the record under way lie one after the other in `arena_`.
//
// Line ends are LF, CR and CRLF. The LF of a CRLF is handed over in front of the next line, because
// the chunk may end between the two; libcsv passes over it, or keeps it if a quoted field goes on.

#include "services/csv_reader.hpp"

#include "base/text.hpp"
#include "services/file_bytes.hpp"

#include <csv.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

namespace tenantry::services {
namespace {

Error bad_file(std::string message) { return fail(Errc::bad_file, std::move(message)); }

class FileSource final : public ByteSource {
public:
    FileSource(int descriptor, std::uint64_t size) : descriptor_{descriptor}, size_{size} {}
    ~FileSource() override { ::close(descriptor_); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    std::uint64_t size() const override { return size_; }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
        return read_file_at(descriptor_, offset, into, "reading the file");
    }

private:
    int descriptor_;
    std::uint64_t size_;
};

/// Whether all bytes are ASCII other than NUL, eight at a time.
bool is_plain_ascii(std::string_view text) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t highs = 0x8080808080808080;
    while (text.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        // The second term has a high bit set where the byte was zero (and no high bit stood).
        if (((word | (word - ones)) & highs) != 0) return false;
        text.remove_prefix(8);
    }
    return std::ranges::all_of(text, [](char c) { return c > 0; });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// What a file is that certainly isn't CSV in UTF-8, by its first bytes (the signatures of
/// Unicode's byte order marks, ZIP, OLE compound files, gzip, PDF, SQLite and PNG).
std::optional<std::string_view> foreign_format(std::string_view start) {
    using namespace std::string_view_literals;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> signatures{{
        {"\xFF\xFE"sv, "UTF-16 text"},
        {"\xFE\xFF"sv, "UTF-16 text"},
        {"\0\0\xFE\xFF"sv, "UTF-32 text"},
        {"PK\x03\x04"sv, "a spreadsheet workbook or a ZIP archive"},
        {"\xD0\xCF\x11\xE0"sv, "an old spreadsheet workbook"},
        {"\x1F\x8B"sv, "compressed with gzip"},
        {"%PDF-"sv, "a PDF document"},
        {"SQLite format 3\0"sv, "an SQLite database"},
        {"\x89PNG"sv, "a picture"},
    }};
    for (const auto& [signature, what] : signatures) {
        if (start.starts_with(signature)) return what;
    }
    return std::nullopt;
}

int is_never_space(unsigned char) { return 0; }

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file(const std::filesystem::path& path) {
    const auto refuse = [&](std::string_view what) {
        return bad_file(fmt::format("{} {}", path.string(), what));
    };
    // Not to wait for a writer if it is a pipe.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return refuse("doesn't exist; check the path");
        return refuse(fmt::format("can't be opened: {}", std::generic_category().message(errno)));
    }
    struct stat about{};
    if (::fstat(descriptor, &about) != 0) {
        const int code = errno;
        ::close(descriptor);
        throw std::system_error{code, std::generic_category(), "fstat"};
    }
    if (!S_ISREG(about.st_mode)) {
        ::close(descriptor);
        return refuse(S_ISDIR(about.st_mode)
                          ? "is a folder; name a file in it"
                          : "is no regular file; save its content to a file first");
    }
    return std::unique_ptr<ByteSource>{
        std::make_unique<FileSource>(descriptor, static_cast<std::uint64_t>(about.st_size))};
}

std::size_t TextSource::read_at(std::uint64_t offset, std::span<char> into) const {
    if (offset >= text_.size()) return 0;
    const auto part = text_.substr(static_cast<std::size_t>(offset), into.size());
    std::ranges::copy(part, into.begin());
    return part.size();
}

class CsvReader::Impl {
public:
    explicit Impl(const ByteSource& source) : source_{source}, chunk_(chunk_bytes) {
        ::csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
        ::csv_set_space_func(&parser_, is_never_space);
        ::csv_set_blk_size(&parser_, 4096);
    }
    ~Impl() { ::csv_free(&parser_); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> read_header();
    Result<bool> next(CsvRecord& record);
    const std::vector<std::string>& header() const noexcept { return header_; }
    std::uint64_t offset() const noexcept { return offset_ - (end_ - at_); }

private:
    bool fill();
    Result<void> skip_mark();
    void feed_line();
    void feed(std::string_view piece);
    std::size_t find_byte(char wanted, std::size_t from) const;
    std::size_t line_end(std::size_t from);
    Result<bool> finish();
    void take_field(std::string_view field);
    void take_record();
    void refuse(std::string message);
    void refuse_syntax();
    void refuse_long_field();
    void refuse_text(std::string_view field);

    const ByteSource& source_;
    csv_parser parser_{};
    std::vector<char> chunk_;
    std::size_t at_ = 0;  // within chunk_: what hasn't been fed
    std::size_t end_ = 0;
    std::uint64_t offset_ = 0;  // of chunk_[end_] in the source
    std::size_t next_lf_ =
        0;  // the first of its kind at or after at_, or end_; found anew when passed
    std::size_t next_cr_ = 0;
    bool after_cr_ = false;  // the byte before at_ was a CR

    std::vector<std::string> header_;
    std::uint64_t line_ = 1;         // of the byte at at_
    std::uint64_t record_line_ = 1;  // where the record under way starts
    std::uint64_t field_line_ = 1;   // where the field under way starts
    bool between_ = true;            // no record is under way
    bool complete_ = false;          // the record in arena_ has ended
    std::string arena_;
    std::vector<std::size_t> ends_;  // of the fields in arena_
    std::vector<std::string_view> fields_;
    std::optional<Error> error_;
    std::exception_ptr fault_;  // thrown within libcsv, which can't pass it on
};

bool CsvReader::Impl::fill() {
    const auto got = source_.read_at(offset_, chunk_);
    at_ = next_lf_ = next_cr_ = 0;
    end_ = got;
    offset_ += got;
    if (got == 0) return false;
    next_lf_ = find_byte('\n', 0);
    next_cr_ = find_byte('\r', 0);
    return true;
}

/// Looks at the first bytes: passes over UTF-8's mark, refuses other formats.
Result<void> CsvReader::Impl::skip_mark() {
    std::array<char, 16> start{};
    std::size_t held = 0;
    while (held < start.size()) {
        const auto got = source_.read_at(held, std::span{start}.subspan(held));
        if (got == 0) break;
        held += got;
    }
    const std::string_view text{start.data(), held};
    if (const auto format = foreign_format(text)) {
        return bad_file(fmt::format(
            "the file is {}, not CSV; save it as CSV in UTF-8 and import that", *format));
    }
    if (text.starts_with("\xEF\xBB\xBF")) offset_ = 3;
    return {};
}

/// The first `wanted` in the chunk at or after `from`, or end_.
std::size_t CsvReader::Impl::find_byte(char wanted, std::size_t from) const {
    const std::string_view chunk{chunk_.data(), end_};
    return std::min(chunk.find(wanted, from), end_);
}

/// Where the line that holds `from` ends: just after its CR or LF, or at the chunk's end.
std::size_t CsvReader::Impl::line_end(std::size_t from) {
    if (next_lf_ < from) next_lf_ = find_byte('\n', from);
    if (next_cr_ < from) next_cr_ = find_byte('\r', from);
    const auto terminator = std::min(next_lf_, next_cr_);
    return terminator == end_ ? end_ : terminator + 1;
}

void CsvReader::Impl::feed_line() {
    const auto begin = at_;
    if (after_cr_ && chunk_[at_] == '\n') ++at_;
    after_cr_ = false;
    const auto end = line_end(at_);
    const bool blank = at_ == end || chunk_[at_] == '\n' || chunk_[at_] == '\r';
    if (between_ && !blank) {
        between_ = false;
        record_line_ = field_line_ = line_;
    }
    feed({chunk_.data() + begin, end - begin});
    const bool ended = at_ < end && (chunk_[end - 1] == '\n' || chunk_[end - 1] == '\r');
    if (ended) {
        after_cr_ = chunk_[end - 1] == '\r';
        ++line_;
    }
    at_ = end;
}

void CsvReader::Impl::feed(std::string_view piece) {
    const auto on_field = [](void* field, std::size_t length, void* self) {
        static_cast<Impl*>(self)->take_field({static_cast<const char*>(field), length});
    };
    const auto on_record = [](int, void* self) { static_cast<Impl*>(self)->take_record(); };
    const auto fed = ::csv_parse(&parser_, piece.data(), piece.size(), on_field, on_record, this);
    if (fault_) std::rethrow_exception(fault_);
    if (fed == piece.size()) {
        if (parser_.entry_pos > field_bytes_max) refuse_long_field();
        return;
    }
    if (::csv_error(&parser_) == CSV_ENOMEM) throw std::bad_alloc{};
    refuse_syntax();
}

void CsvReader::Impl::take_field(std::string_view field) try {
    if (error_) return;
    if (field.size() > field_bytes_max) return refuse_long_field();
    if (ends_.size() == columns_max) {
        return refuse(fmt::format("line {}: more than {} columns", record_line_, columns_max));
    }
    if (arena_.size() + field.size() > record_bytes_max) {
        return refuse(fmt::format("line {}: the row has more than {} MiB", record_line_,
                                  record_bytes_max >> 20));
    }
    if (!is_plain_ascii(field) && !is_clean_utf8(field)) return refuse_text(field);
    arena_ += field;
    ends_.push_back(arena_.size());
    field_line_ = line_;
} catch (...) {
    fault_ = std::current_exception();
}

void CsvReader::Impl::take_record() {
    between_ = true;
    complete_ = true;
}

/// The first thing that is wrong stays the answer.
void CsvReader::Impl::refuse(std::string message) {
    if (!error_) error_ = bad_file(std::move(message));
}

void CsvReader::Impl::refuse_syntax() {
    const auto where =
        record_line_ == line_
            ? fmt::format("line {}", line_)
            : fmt::format("line {}, in the row that starts on line {}", line_, record_line_);
    if (parser_.quoted != 0) {
        refuse(fmt::format(
            "{}: text follows a closing quote; quotes within a quoted field are written twice",
            where));
    } else {
        refuse(fmt::format(
            "{}: a quote within a field that isn't quoted; put the field in quotes and write "
            "the quotes within it twice",
            where));
    }
}

void CsvReader::Impl::refuse_long_field() {
    refuse(fmt::format(
        "line {}: a field that starts here has more than {} MiB; is its closing quote missing?",
        field_line_, field_bytes_max >> 20));
}

/// `field` holds NUL or isn't UTF-8: finds the line of it that does.
void CsvReader::Impl::refuse_text(std::string_view field) {
    auto line = field_line_;
    auto rest = field;
    while (true) {
        const auto end = rest.find_first_of("\r\n");
        const auto part = rest.substr(0, end);
        if (part.find('\0') != std::string_view::npos) {
            return refuse(fmt::format(
                "line {}: a NUL byte; the file is binary or damaged, not CSV text", line));
        }
        if (!is_clean_utf8(part) || end == std::string_view::npos) {
            return refuse(fmt::format(
                "line {}: the text isn't UTF-8; save the file as CSV in UTF-8 and import that",
                line));
        }
        rest.remove_prefix(rest.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
        ++line;
    }
}

/// The end of the source: the last record may lack its line end, but none of its fields.
Result<bool> CsvReader::Impl::finish() {
    if (between_) return false;
    const auto on_field = [](void* field, std::size_t length, void* self) {
        static_cast<Impl*>(self)->take_field({static_cast<const char*>(field), length});
    };
    const auto on_record = [](int, void* self) { static_cast<Impl*>(self)->take_record(); };
    if (::csv_fini(&parser_, on_field, on_record, this) != 0) {
        refuse(fmt::format(
            "the file ends within a quoted field that starts on line {}: it was cut off, or the "
            "field's closing quote is missing; get a whole copy",
            field_line_));
    }
    if (fault_) std::rethrow_exception(fault_);
    if (!error_ && !header_.empty() && ends_.size() < header_.size()) {
        refuse(
            fmt::format("line {}: the file ends in the middle of this row ({} of {} fields, no "
                        "line end): it was "
                        "cut off; get a whole copy",
                        record_line_, ends_.size(), header_.size()));
    }
    if (error_) return *error_;
    return true;
}

Result<bool> CsvReader::Impl::next(CsvRecord& record) {
    if (error_) return *error_;
    arena_.clear();
    ends_.clear();
    complete_ = false;
    while (!complete_) {
        if (at_ == end_ && !fill()) {
            TENANTRY_TRY(found, finish());
            if (!found) return false;
            break;
        }
        feed_line();
        if (error_) return *error_;
    }
    fields_.clear();
    std::size_t begin = 0;
    for (const auto end : ends_) {
        fields_.push_back(std::string_view{arena_}.substr(begin, end - begin));
        begin = end;
    }
    record = {record_line_, fields_};
    return true;
}

Result<void> CsvReader::Impl::read_header() {
    TENANTRY_TRY_VOID(skip_mark());
    CsvRecord record;
    TENANTRY_TRY(found, next(record));
    if (!found) {
        error_ = bad_file(
            "the file is empty; it needs a line with the names of its columns, then a line for "
            "each lead");
        return *error_;
    }
    for (const auto name : record.fields) {
        if (std::ranges::any_of(name, [](char c) {
                return is_control(c) && c != '\t' && c != '\n' && c != '\r';
            })) {
            error_ = bad_file(fmt::format(
                "line {}: control characters instead of column names; the file is binary, not "
                "CSV text",
                record.line));
            return *error_;
        }
    }
    header_.assign(record.fields.begin(), record.fields.end());
    return {};
}

CsvReader::CsvReader(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

Result<CsvReader> CsvReader::open(const ByteSource& source) {
    CsvReader reader{std::make_unique<Impl>(source)};
    TENANTRY_TRY_VOID(reader.impl_->read_header());
    return reader;
}

const std::vector<std::string>& CsvReader::header() const noexcept { return impl_->header(); }
Result<bool> CsvReader::next(CsvRecord& record) { return impl_->next(record); }
std::uint64_t CsvReader::offset() const noexcept { return impl_->offset(); }

Result<void> check_structure(const ByteSource& source) {
    TENANTRY_TRY(reader, CsvReader::open(source));
    CsvRecord record;
    while (true) {
        TENANTRY_TRY(found, reader.next(record));
        if (!found) return {};
    }
}

}  // namespace tenantry::services
