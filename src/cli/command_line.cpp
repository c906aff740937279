#include "cli/command_line.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>

namespace tenantry::cli {

struct Command::Node {
    CLI::App* app = nullptr;
    std::unique_ptr<CLI::App> owned{};  // of the root alone
    std::string path{};                 // `tenantry tenant create`
    Action action{};
    std::vector<std::unique_ptr<Node>> children{};
};

namespace {

constexpr std::size_t help_column = 34;

/// CLI11 splits its messages over lines and starts some with the program's name.
std::string one_line(std::string_view message) {
    std::string line;
    for (const char c : trim(message)) {
        if (c != '\n') {
            line += c;
        } else if (!line.ends_with(' ')) {
            line += ' ';
        }
    }
    return line;
}

/// Why arguments that end at a group of commands name none of them.
template <class Node>
std::string misses_command(const Node& group) {
    std::vector<std::string> names;
    names.reserve(group.children.size());
    for (const auto& child : group.children) names.push_back(child->app->get_name());
    const auto rest = group.app->remaining();
    const auto found = rest.empty()
                           ? "a command is missing"
                           : fmt::format("there is no command {}", printable(rest.front()));
    return fmt::format("{} after {}; there are {}", found, group.path, fmt::join(names, ", "));
}

}  // namespace

Command Command::add(std::string_view name, std::string_view summary) {
    auto child = std::make_unique<Node>();
    child->app = node_->app->add_subcommand(std::string{name}, std::string{summary});
    child->path = fmt::format("{} {}", node_->path, name);
    node_->app->require_subcommand(1);
    node_->children.push_back(std::move(child));
    return Command{*node_->children.back()};
}

Command& Command::option(std::string_view names, const OptionText& text, Take take) {
    const std::string all_names{names};
    const auto read = [take = std::move(take), name = all_names.substr(all_names.rfind(',') + 1)](
                          const CLI::results_t& values) {
        for (const auto& value : values) {
            const auto taken = take(value);
            if (!taken) throw CLI::ValidationError{name, taken.error().message};
        }
        return true;
    };
    auto* option = node_->app->add_option(all_names, read, std::string{text.help});
    option->type_name(std::string{text.form})->expected(1)->required(text.required);
    if (text.many) {
        option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
    }
    return *this;
}

Command& Command::flag(std::string_view names, std::string_view help, bool& into) {
    node_->app->add_flag(std::string{names}, into, std::string{help});
    return *this;
}

Command& Command::refuse(std::string_view name, std::string message) {
    const auto refused = [text = std::string{name},
                          message = std::move(message)](const CLI::results_t&) -> bool {
        throw CLI::ValidationError{text, message};
    };
    node_->app->add_option(std::string{name}, refused, "")->group("")->expected(0, 1);
    return *this;
}

Command& Command::examples(std::string_view text) {
    node_->app->footer(fmt::format("Examples:\n{}", text));
    return *this;
}

Command& Command::action(Action action) {
    node_->action = std::move(action);
    return *this;
}

CommandLine::CommandLine(std::string_view summary, std::string_view version, Explain explain)
    : root_{std::make_unique<Command::Node>()}, explain_{std::move(explain)} {
    root_->owned = std::make_unique<CLI::App>(std::string{summary}, "tenantry");
    root_->app = root_->owned.get();
    root_->path = "tenantry";
    root_->app->set_help_flag("-h,--help", "Print this help");
    root_->app->set_version_flag("--version", std::string{version}, "Print the version");
    root_->app->get_formatter()->column_width(help_column);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() { return Command{*root_}; }

const Command::Node& CommandLine::chosen() const {
    const auto* node = root_.get();
    while (true) {
        const auto next =
            std::ranges::find_if(node->children, [](const auto& c) { return c->app->parsed(); });
        if (next == node->children.end()) return *node;
        node = next->get();
    }
}

std::optional<ExitCode> CommandLine::parse(int argc, const char* const* argv) {
    try {
        root_->app->parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& asked) {  // for help or the version
        std::ostringstream text;
        root_->app->exit(asked, text, text);
        print(text.str());
        return ExitCode::done;
    } catch (const CLI::ParseError& error) {
        const auto& command = chosen();
        const auto why =
            command.children.empty() ? one_line(error.what()) : misses_command(command);
        report(fmt::format("{}; see: {} --help", why, command.path));
        return ExitCode::usage;
    }
}

ExitCode CommandLine::act() const {
    try {
        const auto outcome = chosen().action();
        if (outcome) return *outcome;
        report(outcome.error().message);
        return outcome.error().code == Errc::bad_configuration ? ExitCode::usage : ExitCode::failed;
    } catch (const std::exception& fault) {
        report(explain_(fault));
        return ExitCode::failed;
    }
}

ExitCode CommandLine::run(int argc, const char* const* argv) {
    const auto parsed = parse(argc, argv);
    const auto code = parsed ? *parsed : act();
    const auto written = finish_output();
    if (written) return code;
    report(written.error().message);
    return code == ExitCode::done ? ExitCode::failed : code;
}

Result<std::string> parse_any_text(std::string_view text) {
    if (text.empty()) return fail(Errc::bad_value, "a value is needed");
    return std::string{text};
}

}  // namespace tenantry::cli
