#pragma once
/// Answers of the database that hold until somebody commits.

#include "sqlite/commit_watch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenantry::engine::sqlite {

/// Threads: one at a time.
template <class Answer>
class AnswerCache {
public:
    static constexpr std::size_t entries_max = 32'768;  // who asks chooses the questions

    std::size_t size() const noexcept { return entries_.size(); }

    /// The answer to `question`, read with `read` if a commit may have changed it.
    template <class Read>
    const Answer& get(const CommitWatch& watch, std::string_view question, const Read& read) {
        // Before the answer is read: what is committed meanwhile makes it a newer one at the most.
        const auto mark = watch.mark();
        if (!mark || mark != mark_) {
            mark_ = mark;
            ++generation_;
        }
        auto found = entries_.find(question);
        if (found != entries_.end() && found->second.generation == generation_)
            return found->second.answer;
        auto answer = read();
        if (found == entries_.end()) {
            if (entries_.size() >= entries_max) entries_.clear();
            found = entries_.try_emplace(std::string{question}).first;
        }
        found->second = {generation_, std::move(answer)};
        return found->second.answer;
    }

private:
    struct Entry {
        std::uint64_t generation = 0;
        Answer answer{};
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
    std::optional<CommitWatch::Mark> mark_;
    std::uint64_t generation_ = 0;
};

}  // namespace tenantry::engine::sqlite
