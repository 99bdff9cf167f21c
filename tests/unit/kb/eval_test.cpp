// The measurement takes any folder of its form, and says where one is wrong.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "hotline/kb/eval.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / ("hotline_kb_eval_" + std::to_string(getpid()))).string();
  Folder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const char* name, std::string_view text) const { std::ofstream(path + "/" + name) << text; }
  Result<EvalReport> run() const { return evaluate(path, {.scratch = path, .baselines = EvalOptions::Baselines::all}); }
};

}  // namespace

TEST(Eval, MeasuresBesideFiveBaselines) {
  const Folder folder;
  folder.write("documents.jsonl", R"({"id": "a", "title": "住房公积金提取", "body": "购房可以提取。", "source": 7}
{"id": "b", "title": null, "body": "夜间施工产生噪声的，由城管部门处理。"}

{"id": "c", "title": "Renew a permit", "body": "", "keywords": ["passport"]}
)");
  folder.write("queries.jsonl", "{\"id\": \"1\", \"text\": \"公积金怎么提取\"}\n{\"id\": \"2\", \"text\": \"晚上施工太吵\"}\n{\"id\": \"3\", \"text\": \"\"}\n");
  folder.write("queries_other.jsonl", "{\"id\": \"1\", \"text\": \"提取公积金\"}\n");
  folder.write("qrels.tsv", "query\tdocument\tgrade\n1\ta\t2\n2\tb\n3\tc\t1\n9\tgone\t1\n");
  folder.write("suggest.jsonl", "{\"id\": \"s\", \"cls\": \"initials\", \"text\": \"zfgjj\", \"relevant\": [\"a\"]}\n");
  const EvalReport report = folder.run().value();
  EXPECT_EQ(report.documents, 3u);
  ASSERT_EQ(report.engines.size(), 7u);  // ours, ours in little memory, and five
  EXPECT_EQ(report.engines[0].scores[0].questions, 3u);
  EXPECT_NEAR(report.engines[0].scores[0].mrr, 2.0 / 3, 1e-9);
  EXPECT_NEAR(report.engines[0].scores[1].mrr, 1, 1e-9);
  EXPECT_EQ(report.suggestions.at(0).engine, "hotline");
  EXPECT_EQ(report.suggestions.at(0).success5, 1);
  EXPECT_EQ(report.notes.size(), 1u);  // a document that is not there
  EXPECT_NE(report.to_text().find("FTS5 bigrams"), std::string::npos);
  EXPECT_TRUE(parse_document(report.to_json(), "report").ok());
}

TEST(Eval, SaysWhereAFolderIsWrong) {
  const Folder folder;
  EXPECT_EQ(folder.run().code(), ErrorCode::io);
  folder.write("documents.jsonl", "{\"id\": \"a\", \"title\": \"t\"}\nnot json\n");
  const auto broken = folder.run();
  EXPECT_EQ(broken.code(), ErrorCode::invalid_document);
  EXPECT_NE(broken.error().text().find("documents.jsonl:2"), std::string::npos) << broken.error().text();
  folder.write("documents.jsonl", "{\"id\": \"a\", \"title\": \"t\"}\n");
  EXPECT_TRUE(folder.run().ok());  // documents alone are measured for their indexing
  folder.write("queries.jsonl", "{\"id\": \"1\", \"text\": \"t\"}\n{\"id\": \"2\"}\n");
  const auto question = folder.run();
  EXPECT_NE(question.error().text().find("queries.jsonl:2"), std::string::npos) << question.error().text();
  folder.write("queries.jsonl", "{\"id\": \"1\", \"text\": \"t\"}\n");
  folder.write("qrels.tsv", "1\ta\t1\n1 a 1\n");
  const auto relevant = folder.run();
  EXPECT_NE(relevant.error().text().find("qrels.tsv:2"), std::string::npos) << relevant.error().text();
}
