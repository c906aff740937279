#pragma once

namespace tenantry::cli {

/// Sees to it that trouble shows as an error of a system call, which is reported, instead of as a
/// signal or as bytes in the wrong file. Once, before anything else.
void prepare_process();

}  // namespace tenantry::cli
