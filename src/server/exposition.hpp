#pragma once
/// Prometheus' text format, version 0.0.4 ("Exposition formats"). Threads: values.

#include "base/distribution.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tenantry::server {

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

class Exposition {
public:
    /// Begins a metric; its samples follow.
    void begin(std::string_view name, std::string_view type, std::string_view help);
    void sample(Labels labels, double value);
    /// `name_bucket`, `name_sum`, `name_count`; a value of `counts` is that many `scale`ths of the
    /// metric's unit.
    void distribution(Labels labels, const DistributionCounts& counts, double scale);

    std::string take() { return std::move(text_); }

private:
    void line(std::string_view suffix, Labels labels, const Label* last, double value);

    std::string text_;
    std::string name_;
};

}  // namespace tenantry::server
