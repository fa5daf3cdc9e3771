// shortlist doctor: the machine, the project, and every limit with its cost.
#include <boost/json/array.hpp>
#include <boost/version.hpp>

#include "apps/cli/verbs.h"
#include "apps/cli/version.h"
#include "engine/project/doctor.h"

namespace shortlist::cli {

Verb doctor_verb() {
    return Verb("doctor", "Show versions, processor, memory, the project's folders, and every limit with what it costs.")
        .details("Ends with exit code 5 where something is to be mended; such lines are marked.")
        .example("shortlist doctor")
        .option<NoOptions>()
        .run([](const std::filesystem::path& folder, const NoOptions&, Io& io) -> Status {
            const auto checkup = project::run_doctor(folder);
            Table findings({"what", "found", ""});
            boost::json::array found;
            findings.add({"shortlist", std::string(kVersion), ""});
            findings.add({"boost", BOOST_LIB_VERSION, ""});
            std::string problems;
            for (const auto& finding : checkup.findings) {
                findings.add({finding.what, finding.value, finding.problem ? "<- mend this" : ""});
                found.push_back({{"what", finding.what}, {"value", finding.value}, {"problem", finding.problem}});
                if (finding.problem) problems += (problems.empty() ? "" : "\n") + finding.what + ": " + finding.value;
            }
            Table limits({"bounded", "limit", "each takes"});
            boost::json::array bounded;
            for (const auto& limit : checkup.limits) {
                limits.add({limit.what, limit.limit, limit.cost});
                bounded.push_back({{"what", limit.what}, {"limit", limit.limit}, {"cost", limit.cost}});
            }
            // Machines get one document: with problems it is the error, which names them.
            if (io.json && !checkup.healthy()) return base::failed_precondition(problems);
            render(io, findings.text() + "\n" + limits.text(),
                   {{"version", kVersion}, {"boost", BOOST_LIB_VERSION}, {"findings", found}, {"limits", bounded}});
            if (!checkup.healthy()) return base::failed_precondition(problems);
            return {};
        });
}

}  // namespace shortlist::cli
