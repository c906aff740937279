#pragma once
/// Coming back to a coroutine from a thread of the engine's.

#include "base/error.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <exception>
#include <utility>

namespace tenantry::engine {

/// A coroutine's continuation as a function that any thread may call once: it resumes on the
/// coroutine's own executor, which is kept alive meanwhile.
template <class T, class Handler>
auto resume_on_own_executor(Handler handler) {
    namespace asio = boost::asio;
    auto executor = asio::get_associated_executor(handler);
    auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    return [handler = std::move(handler), work = std::move(work)](std::exception_ptr fault,
                                                                  Result<T> result) mutable {
        asio::post(work,
                   [handler = std::move(handler), fault, result = std::move(result)]() mutable {
                       std::move(handler)(fault, std::move(result));
                   });
    };
}

}  // namespace tenantry::engine
