#pragma once
/// Commands, their options and their help; the one place that knows the library behind them.
///
/// Every option is read by a parser that returns a checked type, so a command that runs has proper
/// arguments. Threads: one at a time.

#include "base/error.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::cli {

/// What the program's end says.
enum class ExitCode {
    done = 0,
    failed = 1,  // it could not be done, or something was found
    usage = 2,   // the command line or the configuration is at fault; nothing was tried
};

using Action = std::function<Result<ExitCode>()>;
/// Takes the text of one value. An error becomes a usage error that names the option.
using Take = std::function<Result<void>(std::string_view)>;

/// How an option shows in the help.
struct OptionText {
    std::string_view form;  // of its value: `DURATION`
    std::string_view help;
    bool required = false;
    bool many = false;  // may be given more than once
};

/// One command. A light handle on what the CommandLine keeps.
class Command {
public:
    /// A command within this one.
    Command add(std::string_view name, std::string_view summary);

    /// `names`: `--tenant`, `-o,--output`, or `FILE` for a positional argument.
    Command& option(std::string_view names, const OptionText& text, Take take);
    Command& flag(std::string_view names, std::string_view help, bool& into);
    /// Is accepted only to be refused with `message`, which says what to do instead.
    Command& refuse(std::string_view name, std::string message);

    template <class T>
    Command& option(std::string_view names, const OptionText& text, std::optional<T>& into,
                    Result<T> (*parse)(std::string_view)) {
        return option(names, text, [&into, parse](std::string_view value) -> Result<void> {
            TENANTRY_TRY(parsed, parse(value));
            into.emplace(std::move(parsed));
            return {};
        });
    }
    template <class T>
    Command& options(std::string_view names, OptionText text, std::vector<T>& into,
                     Result<T> (*parse)(std::string_view)) {
        text.many = true;
        return option(names, text, [&into, parse](std::string_view value) -> Result<void> {
            TENANTRY_TRY(parsed, parse(value));
            into.push_back(std::move(parsed));
            return {};
        });
    }

    /// Shown below the options.
    Command& examples(std::string_view text);
    /// What it does. A command without an action only groups others.
    Command& action(Action action);

private:
    friend class CommandLine;
    struct Node;
    explicit Command(Node& node) : node_{&node} {}
    Node* node_;
};

class CommandLine {
public:
    /// What to tell the user of a fault.
    using Explain = std::function<std::string(const std::exception&)>;

    CommandLine(std::string_view summary, std::string_view version, Explain explain);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    Command root();

    /// Runs the command that the arguments ask for, or prints help. Errors go to standard error.
    ExitCode run(int argc, const char* const* argv);

private:
    /// An exit code if there is nothing left to do.
    std::optional<ExitCode> parse(int argc, const char* const* argv);
    ExitCode act() const;
    /// The deepest command that the arguments named.
    const Command::Node& chosen() const;

    std::unique_ptr<Command::Node> root_;
    Explain explain_;
};

/// The parser of a value that is any text but the empty one.
Result<std::string> parse_any_text(std::string_view text);

}  // namespace tenantry::cli
