#pragma once
/// A file without a name, for what has to be written down before its size is known.

#include "base/error.hpp"
#include "services/csv_reader.hpp"

#include <filesystem>

namespace tenantry::services {

/// Gone with its owner, however that ends. Threads: one at a time.
class SpoolFile final : public ByteSource {
public:
    /// In `folder`. Errors: storage_unusable, storage_full.
    static Result<std::unique_ptr<SpoolFile>> create(const std::filesystem::path& folder);
    ~SpoolFile() override;
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    /// Errors: storage_full, storage_unusable.
    Result<void> append(std::string_view bytes);

    std::uint64_t size() const override { return size_; }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override;

private:
    explicit SpoolFile(int fd) : fd_{fd} {}
    int fd_;
    std::uint64_t size_ = 0;
};

}  // namespace tenantry::services
