#pragma once
/// Waiting for a coroutine where there is nothing else to do.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace tenantry::cli {

namespace detail {

template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, std::optional<T>& into) {
    into.emplace(co_await std::move(work));
}

}  // namespace detail

/// Runs `work` to its end on this thread. Throws what it throws.
template <class T>
T run_blocking(boost::asio::awaitable<T> work) {
    boost::asio::io_context context{1};
    std::optional<T> value;
    std::exception_ptr fault;
    boost::asio::co_spawn(context, detail::keep(std::move(work), value),
                          [&fault](std::exception_ptr thrown) { fault = thrown; });
    context.run();
    if (fault) std::rethrow_exception(fault);
    return std::move(*value);
}

}  // namespace tenantry::cli
