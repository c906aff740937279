#pragma once
/// Stated maxima and their defaults. Each can be set in the configuration where marked (config).

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tenantry::limits {

inline constexpr std::uint32_t page_rows_max = 1000;
inline constexpr std::uint32_t page_rows_default = 50;
inline constexpr std::uint64_t offset_max = 10'000'000;
inline constexpr std::size_t filter_depth_max = 16;
inline constexpr std::size_t filter_terms_max = 256;
inline constexpr std::size_t in_list_max = 1000;
inline constexpr std::size_t embed_depth_max = 4;
inline constexpr std::size_t embeds_max = 16;      // in one read, at whatever depth
inline constexpr std::size_t decisions_max = 500;  // in one bulk decision
inline constexpr std::size_t order_columns_max = 8;
inline constexpr std::size_t webhooks_max = 20;       // of a tenant
inline constexpr std::size_t dead_letters_max = 100;  // of one of them
inline constexpr std::size_t letter_bytes_max = 32UL * 1024 * 1024;
inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t body_bytes_max = 8UL * 1024 * 1024;      // (config)
inline constexpr std::size_t import_bytes_max = 256UL * 1024 * 1024;  // (config)
inline constexpr std::size_t header_bytes_max = 64UL * 1024;          // (config)
inline constexpr std::chrono::seconds request_deadline{15};           // (config)
inline constexpr std::chrono::minutes import_deadline{10};            // (config)
inline constexpr std::chrono::seconds idle_timeout{75};               // (config)
inline constexpr std::size_t write_queue_max = 10'000;                // (config)
inline constexpr std::size_t readers = 4;  // database connections (config)
inline constexpr std::size_t writers = 8;  // of PostgreSQL (config)

}  // namespace tenantry::limits
