// shortlist doctor: the machine, the project, and every limit with its cost.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/version.hpp>

#include "apps/cli/verbs.h"
#include "apps/cli/version.h"
#include "engine/project/doctor.h"

namespace shortlist::cli {

namespace {

namespace json = boost::json;

std::string problems_of(const project::Checkup& checkup) {
    std::string problems;
    for (const auto& finding : checkup.findings) {
        if (finding.problem) problems += (problems.empty() ? "" : "\n") + finding.what + ": " + finding.value;
    }
    return problems;
}

std::string text_of(const project::Checkup& checkup) {
    Table findings({"what", "found", ""});
    findings.add({"shortlist", std::string(kVersion), ""});
    findings.add({"boost", BOOST_LIB_VERSION, ""});
    for (const auto& finding : checkup.findings) findings.add({finding.what, finding.value, finding.problem ? "<- mend this" : ""});
    Table limits({"bounded", "limit", "each takes"});
    for (const auto& limit : checkup.limits) limits.add({limit.what, limit.limit, limit.cost});
    return findings.text() + "\n" + limits.text();
}

json::object document_of(const project::Checkup& checkup) {
    json::array findings;
    for (const auto& finding : checkup.findings) {
        findings.push_back({{"what", finding.what}, {"value", finding.value}, {"problem", finding.problem}});
    }
    json::array limits;
    for (const auto& limit : checkup.limits) limits.push_back({{"what", limit.what}, {"limit", limit.limit}, {"cost", limit.cost}});
    return {{"version", kVersion}, {"boost", BOOST_LIB_VERSION}, {"findings", std::move(findings)}, {"limits", std::move(limits)}};
}

}  // namespace

Verb doctor_verb() {
    return Verb("doctor", "Show versions, processor, memory, the project's folders, and every limit with what it costs.")
        .details("Ends with exit code 5 where something is to be mended; such lines are marked.")
        .example("shortlist doctor")
        .option<NoOptions>()
        .run([](const std::filesystem::path& folder, const NoOptions&, Io& io) -> Status {
            const auto checkup = project::run_doctor(folder);
            // Machines get one document: with problems it is the error, which names them.
            if (checkup.healthy() || !io.json) render(io, text_of(checkup), document_of(checkup));
            if (!checkup.healthy()) return base::failed_precondition(problems_of(checkup));
            return {};
        });
}

}  // namespace shortlist::cli
