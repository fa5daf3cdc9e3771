#include "engine/project/export_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/importer.h"
#include "engine/data/log.h"
#include "engine/project/small_project_testing_internal.h"

namespace shortlist::project {

namespace {

using testing::HasSubstr;

/// The files of a folder but for what an import made in it.
std::map<std::string, std::string> files_of(const TestFolder& folder, const std::string& name) {
    auto files = folder.contents(name);
    std::erase_if(files, [](const auto& file) { return file.first.find('/') != std::string::npos; });
    return files;
}

class ExportProject : public testing::TestWithParam<data::ExportFormat> {
protected:
    void export_to(const std::filesystem::path& from, const std::string& name) {
        const auto project = load_project(from);
        ASSERT_TRUE(project) << project.error().message;
        const auto report = export_project(*project, {(folder.path() / name).string(), GetParam()});
        ASSERT_TRUE(report) << report.error().message;
    }
    void import(const std::filesystem::path& from) {
        const auto project = load_project(from);
        ASSERT_TRUE(project) << project.error().message;
        ASSERT_TRUE(check_files(*project));
        const base::SystemClock clock;
        data::ImportOptions options;
        options.clock = &clock;
        const auto report = data::import_data(project->config.data, from, options);
        ASSERT_TRUE(report) << report.error().message;
    }

    TestFolder folder;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Formats, ExportProject, testing::Values(data::ExportFormat::Parquet, data::ExportFormat::Ndjson),
                         [](const auto& format) { return format.param == data::ExportFormat::Parquet ? "parquet" : "ndjson"; });

TEST_P(ExportProject, is_a_project_that_imports_and_exports_the_same_bytes_again) {
    folder.write("shop/shortlist.yaml",
                 "name: 'my shop'\n"
                 "data:\n"
                 "  max_bad_rows: 0.5\n"
                 "  events: {path: e.csv, columns: {user: u, item: i, time: t}, flags: {like: liked}, context: [page]}\n"
                 "  items: {path: i.csv, id: i, attributes: {genre: {type: category, column: g}}}\n"
                 "retrievers: [{name: trending, kind: popularity, half_life: 3d}]\n"
                 "surfaces: {home: {size: 7}}\n");
    folder.write("shop/e.csv", "u,i,t,liked,page\na,x,1650000000,1,home\nb,y,1650000001,0,search\na,y,oh,0,home\n");
    folder.write("shop/i.csv", "i,g\nx,war\ny,art\n");
    import(folder.path() / "shop");
    export_to(folder.path() / "shop", "first");
    import(folder.path() / "first");
    export_to(folder.path() / "first", "second");
    const auto first = files_of(folder, "first");
    EXPECT_EQ(first.size(), 4U);
    EXPECT_EQ(files_of(folder, "second"), first);
    const auto project = load_project(folder.path() / "first").value();
    EXPECT_EQ(project.config.name, "my shop");
    EXPECT_EQ(project.config.signals.at(0).first, "like") << "what the flag named by itself is written out";
    EXPECT_EQ(project.config.surfaces.at(0).second.size, 7U);
    EXPECT_EQ(project.config.data.max_bad_rows, 0.5);
    EXPECT_EQ(data::load_dataset(folder.path() / "first")->events.size(), 3U) << "two impressions and a like";
}

TEST_P(ExportProject, an_environment_variable_stays_a_variable) {
    folder.write("shop/shortlist.yaml",
                 "data: {events: {path: e.csv, columns: {user: u, item: i, time: none}}}\n"
                 "name: ${SHORTLIST_EXPORT_TEST}\n");
    folder.write("shop/e.csv", "u,i\na,x\n");
    ::setenv("SHORTLIST_EXPORT_TEST", "hidden", 1);
    import(folder.path() / "shop");
    export_to(folder.path() / "shop", "first");
    ::unsetenv("SHORTLIST_EXPORT_TEST");
    const std::string text = files_of(folder, "first").at("shortlist.yaml");
    EXPECT_THAT(text, HasSubstr("name: ${SHORTLIST_EXPORT_TEST}\n"));
    EXPECT_THAT(text, HasSubstr("time: none"));
    EXPECT_THAT(text, testing::Not(HasSubstr("hidden")));
}

}  // namespace shortlist::project
