#pragma once
/// The body of a request on disk: a file without a name, so that nothing is left of it when the
/// process ends, however that happens.

#include "base/error.hpp"
#include "services/csv_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenantry::http {

/// Bytes are appended in memory and stored from there in larger pieces; once all are stored it can
/// be read. Threads: one at a time; readers any, but not while bytes are added.
class Spool final : public services::ByteSource {
public:
    /// Makes a file in `folder` that only this process can reach. `place` is let go with the spool.
    /// Errors: storage_full. Throws: std::system_error.
    static Result<std::unique_ptr<Spool>> open(const std::filesystem::path& folder,
                                               std::shared_ptr<void> place = nullptr);
    ~Spool() override;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// Never touches the disk.
    void append(std::string_view bytes) { waiting_ += bytes; }
    /// Whether there is enough in memory for `store` to be worth its while.
    bool wants_to_store() const noexcept { return waiting_.size() >= piece_bytes; }
    /// Writes what was appended; blocks. Errors: storage_full. Throws: std::system_error.
    Result<void> store();

    /// What is stored.
    std::uint64_t size() const override { return stored_; }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override;

private:
    static constexpr std::size_t piece_bytes = 256UL * 1024;

    Spool(int descriptor, std::shared_ptr<void> place)
        : descriptor_{descriptor}, place_{std::move(place)} {}

    int descriptor_;
    std::shared_ptr<void> place_;
    std::string waiting_;
    std::uint64_t stored_ = 0;
};

}  // namespace tenantry::http
