//===- SweepTest.cpp - Tests of experiment files -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Estimate.h"
#include "frontend/sweep/Experiment.h"
#include "frontend/sweep/Plan.h"
#include "frontend/sweep/Settings.h"
#include "frontend/sweep/SweepFolder.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace dale;
using namespace dale::sweep;

namespace {

template <typename... Texts>
std::vector<std::string> strings(const Texts &...texts) {
  return {texts...};
}

template <typename... Numbers>
std::vector<uint64_t> numbers(Numbers... numbers) {
  return {static_cast<uint64_t>(numbers)...};
}

/// A folder that goes away, and files in it.
class SweepTest : public testing::Test {
protected:
  SweepTest() {
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("dale-sweep", folder));
  }
  ~SweepTest() override { llvm::sys::fs::remove_directories(folder); }

  std::string at(llvm::StringRef name) const {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return path.str().str();
  }

  void write(llvm::StringRef name, llvm::StringRef text) {
    std::string path = at(name);
    EXPECT_FALSE(
        llvm::sys::fs::create_directories(llvm::sys::path::parent_path(path)));
    EXPECT_FALSE(bool(writeText(path, text)));
  }

  /// Reads an experiment; the messages are in `errors`.
  std::optional<Experiment> read(llvm::StringRef text) {
    write("experiment.toml", text);
    mlir::ScopedDiagnosticHandler handler(&context,
                                          [&](mlir::Diagnostic &diagnostic) {
                                            errors.push_back(diagnostic.str());
                                            return mlir::success();
                                          });
    return readExperiment(&context, at("experiment.toml"),
                          {"selectivity", "weights"}, reporter);
  }

  /// Expands `experiment`; the messages are in `errors`.
  void expand() {
    mlir::ScopedDiagnosticHandler handler(&context,
                                          [&](mlir::Diagnostic &diagnostic) {
                                            errors.push_back(diagnostic.str());
                                            return mlir::success();
                                          });
    expandConditions(*experiment, reporter);
  }

  std::vector<std::string> conditionNames(llvm::StringRef text) {
    experiment = read(text);
    EXPECT_TRUE(experiment && errors.empty());
    std::vector<std::string> names;
    for (const Condition &condition : expandConditions(*experiment, reporter))
      names.push_back(condition.name);
    return names;
  }

  llvm::SmallString<128> folder;
  mlir::MLIRContext context;
  Reporter reporter;
  std::vector<std::string> errors;
  std::optional<Experiment> experiment;
};

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

TEST(Seeds, AreListsAndRanges) {
  std::string problem;
  EXPECT_EQ(*parseSeeds("0..4", problem), numbers(0, 1, 2, 3, 4));
  EXPECT_EQ(*parseSeeds("7, 0..1", problem), numbers(7, 0, 1));
  for (const char *wrong : {"", "x", "1..", "..1", "4..0", "-1", "0..99999"}) {
    problem.clear();
    EXPECT_FALSE(parseSeeds(wrong, problem)) << wrong;
    EXPECT_FALSE(problem.empty());
  }
  EXPECT_FALSE(parseSeeds("1,0..2", problem));
  EXPECT_EQ(problem, "1 comes twice: expected each once");
}

TEST_F(SweepTest, HasDefaults) {
  auto experiment = read("[circuits]\nA = \"a.toml\"\n");
  ASSERT_TRUE(experiment);
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(experiment->name, "experiment");
  EXPECT_EQ(experiment->title, "experiment");
  EXPECT_EQ(experiment->seeds, numbers(0));
  EXPECT_EQ(experiment->resolve("a.toml"), at("a.toml"));
  EXPECT_EQ(experiment->resolve("/a.toml"), "/a.toml");
}

TEST_F(SweepTest, OptionsBecomeArguments) {
  write("w.safetensors", "");
  auto experiment = read("[training]\n"
                         "epochs = 3\nlr = 0.1\nanalyze_at = [0, 2]\n"
                         "threshold = 0\nno_spatial_average = true\n"
                         "no_augment = true\nrandom_labels = false\n"
                         "weights = \"w.safetensors\"\ndata = \"images\"\n"
                         "[circuits]\n"
                         "A = { file = \"a.toml\", training = { lr = 1 } }\n");
  ASSERT_TRUE(experiment);
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(argumentsOf(experiment->training),
            strings("--epochs", "3", "--lr", "0.1", "--analyze-at", "0,2",
                    "--threshold", "0.0", "--no-spatial-average",
                    "--no-augment", "--weights", at("w.safetensors")));
  // It decides no number of a run.
  EXPECT_EQ(experiment->data, at("images"));
  Settings merged =
      merge(experiment->training, experiment->circuits.front().training);
  EXPECT_EQ(findSetting(merged, "lr")->arguments.back(), "1.0");
  EXPECT_EQ(merged.size(), experiment->training.size());
}

TEST_F(SweepTest, CircuitsTurnOffWhatAllHave) {
  auto experiment = read("[training]\nno_augment = true\nlr = 0.1\n"
                         "[circuits]\n"
                         "A = \"a.toml\"\n"
                         "B = { file = \"b.toml\", training = { no_augment = "
                         "false }, grid = { training.augment.flip = [true, "
                         "false] } }\n");
  ASSERT_TRUE(experiment);
  EXPECT_EQ(errors, strings());
  auto argumentsOfCircuit = [&](size_t number) {
    return argumentsOf(
        merge(experiment->training, experiment->circuits[number].training));
  };
  EXPECT_EQ(argumentsOfCircuit(0), strings("--no-augment", "--lr", "0.1"));
  EXPECT_EQ(argumentsOfCircuit(1), strings("--lr", "0.1"));
}

TEST_F(SweepTest, RefusesWrongValues) {
  read("[training]\n"
       "epochs = 0\nbatch = 1.5\nlr = -1\nkeep = []\nno_augment = 1\n"
       "dataset = \"cifar\"\ndevice = \"\"\nanalyze_at = [-1]\n"
       "[circuits]\nA = 3\n");
  EXPECT_EQ(errors.size(), 9u);
}

TEST_F(SweepTest, RatesAreWhatTheCircuitComputesWith) {
  const std::string circuit = "[circuits]\nA = \"a.toml\"\n";
  read("[training]\nlr = 1e-50\n" + circuit);
  EXPECT_EQ(errors,
            strings("expected a number that 32 bits hold, of a size from "
                    "1.2e-38 to 3.4e+38 for 'lr', got 1e-50"));
  errors.clear();
  read("[training]\nlr = inf\n" + circuit);
  EXPECT_EQ(errors, strings("expected a positive number for 'lr', got inf"));
  errors.clear();
  auto experiment = read("[training]\nlr = 1e-50\n"
                         "[compile]\nelement = \"f64\"\n" +
                         circuit);
  EXPECT_EQ(errors, strings());
  EXPECT_EQ(argumentsOf(experiment->training), strings("--lr", "1e-50"));
}

TEST_F(SweepTest, RefusesWhatTrainWould) {
  auto errorsOf = [&](const std::string &tables) {
    errors.clear();
    read(tables + "\n[circuits]\nA = \"a.toml\"\n");
    return errors;
  };
  EXPECT_EQ(errorsOf("[training]\nkeep = [1, 2, 1]\nanalyze_at = [0, 0]"),
            strings("1 comes twice in 'keep': expected each once",
                    "0 comes twice in 'analyze_at': expected each once"));
  EXPECT_EQ(errorsOf("[training]\nbatch = 2147483648"),
            strings("expected at most 2147483647 for 'batch', got 2147483648"));
  EXPECT_EQ(errorsOf("[training]\nepochs = 2147483648"), strings());
}

TEST_F(SweepTest, ThresholdsAreFiniteAndNotNegative) {
  for (const char *wrong : {"-0.5", "inf", "nan", "\"0\"", "true"}) {
    errors.clear();
    read(std::string("[training]\nthreshold = ") + wrong +
         "\n[circuits]\nA = \"a.toml\"\n");
    EXPECT_EQ(errors, strings(std::string("expected a number of at least 0 "
                                          "for 'threshold', got ") +
                              wrong));
  }
}

TEST_F(SweepTest, OptionsOfAnalysesNeedSome) {
  auto errorsOf = [&](const std::string &all, const std::string &own) {
    errors.clear();
    experiment = read("[training]\n" + all +
                      "\n[circuits]\nA = { file = \"a.toml\", training = {" +
                      own + "} }\n");
    expand();
    return errors;
  };
  auto needs = [](const std::string &option) {
    return "'" + option +
           "' needs 'analyze_at': the epochs after which networks are analyzed";
  };
  EXPECT_EQ(errorsOf("threshold = 0", ""), strings(needs("threshold")));
  EXPECT_EQ(errorsOf("", "no_spatial_average = true, save_responses = \"all\""),
            strings(needs("save_responses"), needs("no_spatial_average")));
  EXPECT_EQ(errorsOf("threshold = 0", "analyze_at = [1]"), strings());
}

TEST_F(SweepTest, DevicesNeedCode) {
  auto errorsOf = [&](const std::string &device, const std::string &compile) {
    errors.clear();
    read("[training]\ndevice = \"" + device + "\"\n[compile]\n" + compile +
         "\n[circuits]\nA = \"a.toml\"\n");
    return errors;
  };
  auto lack = [](const std::string &device) {
    return "executables are compiled without code for '" + device +
           "': expected auto or cpu for 'device', or another 'gpu' or "
           "'element' in [compile]";
  };
  EXPECT_EQ(errorsOf("cuda", "gpu = \"none\""), strings(lack("cuda")));
  EXPECT_EQ(errorsOf("cuda:1", "gpu = \"emulated\""), strings(lack("cuda:1")));
  EXPECT_EQ(errorsOf("cuda", "element = \"f64\""), strings(lack("cuda")));
  EXPECT_EQ(errorsOf("emulated", ""), strings(lack("emulated")));
  EXPECT_EQ(errorsOf("cuda", ""), strings());
  EXPECT_EQ(errorsOf("cuda", "gpu = \"sm_90\""), strings());
  EXPECT_EQ(errorsOf("emulated", "gpu = \"emulated\""), strings());
  EXPECT_EQ(errorsOf("auto", "gpu = \"none\""), strings());
  EXPECT_EQ(errorsOf("cpu", "gpu = \"none\""), strings());
}

TEST_F(SweepTest, KnowsTheFiguresOfReports) {
  auto experiment =
      read("[experiment]\nfigures = [\"weights\", \"selectivty\"]\n"
           "[circuits]\nA = \"a.toml\"\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0],
            "there is no figure 'selectivty'; did you mean 'selectivity'?");
  errors.clear();
  experiment = read("[experiment]\nfigures = [\"weights\"]\n"
                    "[circuits]\nA = \"a.toml\"\n");
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(experiment->figures, strings("weights"));
}

TEST_F(SweepTest, OptionsOfTrainingForbidThePathsThatTheyWinOver) {
  auto errorsOf = [&](const std::string &training, const std::string &grid) {
    errors.clear();
    read("[training]\n" + training + "\n[circuits]\nA = \"a.toml\"\n[grid]\n" +
         grid + "\n");
    return errors;
  };
  auto conflict = [](const std::string &path, const std::string &option) {
    return "'" + path + "' has no effect, since '" + option +
           "' of [training] is used instead: expected one of them; leave the "
           "other out";
  };
  EXPECT_EQ(errorsOf("lr = 0.05", "\"training.learning_rate\" = [0.1, 0.01]"),
            strings(conflict("training.learning_rate", "lr")));
  EXPECT_EQ(errorsOf("batch = 2", "'training . \"batch\", a.b' = [1, 2]"),
            strings(conflict("training . \"batch\"", "batch")));
  EXPECT_EQ(errorsOf("limit_train = 9", "training.fraction = [0.1, 0.2]"),
            strings(conflict("training.fraction", "limit_train")));
  EXPECT_EQ(errorsOf("no_augment = true", "training.augment.flip = [true]"),
            strings(conflict("training.augment.flip", "no_augment")));
  EXPECT_EQ(errorsOf("epochs = 3", "training = [{ epochs = 1 }, { l2 = 1 }]"),
            strings(conflict("training.epochs", "epochs")));
  // What `train` is not told.
  EXPECT_EQ(errorsOf("random_labels = false",
                     "training.random_labels = [true, false]"),
            strings());
  EXPECT_EQ(errorsOf("lr = 0.1", "training.momentum = [0.5, 0.9]\n"
                                 "a1.batch = [1, 2]"),
            strings());
}

TEST_F(SweepTest, CircuitsHaveOptionsInsteadOfWhatAllHave) {
  // The grid is of every circuit, and so is a conflict with it.
  read("[circuits]\n"
       "A = { file = \"a.toml\", training = { lr = 1 } }\n"
       "B = { file = \"b.toml\", set = { training.epochs = 2 } }\n"
       "C = { file = \"c.toml\", grid = { training.epochs = [2] } }\n"
       "[training]\nepochs = 3\n"
       "[grid]\ntraining.learning_rate = [1]\n");
  EXPECT_EQ(errors.size(), 3u);
  errors.clear();
  read("[circuits]\n"
       "A = { file = \"a.toml\", training = { lr = 1 } }\n"
       "[training]\nepochs = 6\n"
       "[set]\ntraining.learning_rate = 2\ntraining.epochs = 6\n"
       "training.schedule.epochs = [4, 5]\n");
  EXPECT_EQ(errors, strings());
}

TEST_F(SweepTest, PathsComeOnceInAGrid) {
  auto errorsOf = [&](const std::string &circuit, const std::string &grid) {
    errors.clear();
    read("[circuits]\nA = " + circuit + "\n[grid]\n" + grid + "\n");
    return errors;
  };
  auto twice = [](const std::string &path) {
    return "'" + path +
           "' comes twice in the grid: expected each path once; put all of "
           "its values into one array";
  };
  EXPECT_EQ(
      errorsOf("\"a.toml\"", "\"circuit.'steps'\" = [2]\ncircuit.steps = [3]"),
      strings(twice("circuit.steps")));
  EXPECT_EQ(errorsOf("\"a.toml\"", "\"a.b, c, a.b\" = [2]"),
            strings(twice("a.b")));
  EXPECT_EQ(errorsOf("{ file = \"a.toml\", grid = { a.b = [1] } }",
                     "\"c.d, a.b\" = [2]"),
            strings(twice("a.b")));
  // Two circuits can have the same one.
  EXPECT_EQ(errorsOf("{ file = \"a.toml\", grid = { a.b = [1] } }\n"
                     "B = { file = \"a.toml\", grid = { a.b = [1] } }",
                     "a.c = [2]"),
            strings());
}

TEST_F(SweepTest, SeedsAreNoPaths) {
  read("[circuits]\n"
       "A = { file = \"a.toml\", set = { training.seed = 3 } }\n"
       "[grid]\ntraining.seed = [1, 2]\n");
  EXPECT_EQ(errors,
            std::vector<std::string>(
                2, "'training.seed' has no effect, since every run is told "
                   "its seed: use 'seeds' in [experiment]"));
}

//===----------------------------------------------------------------------===//
// Conditions
//===----------------------------------------------------------------------===//

TEST_F(SweepTest, GridsAreEveryCombination) {
  EXPECT_EQ(
      conditionNames(
          "[circuits]\nA = \"a.toml\"\n"
          "B = { file = \"b.toml\", grid = { circuit.steps = [2] } }\n"
          "[grid]\narea3.populations.PN.channels = [4, 8]\n"
          "'area3.projections.\"IG, OG -> i\".sign, a.b' = [\"inhibitory\"]\n"),
      strings("A,PN=4,IG__OG_to_i=inhibitory", "A,PN=8,IG__OG_to_i=inhibitory",
              "B,PN=4,IG__OG_to_i=inhibitory,steps=2",
              "B,PN=8,IG__OG_to_i=inhibitory,steps=2"));
  auto conditions = expandConditions(*experiment, reporter);
  std::vector<std::string> texts;
  for (const Override &override : conditions.back().overrides)
    texts.push_back(override.text());
  EXPECT_EQ(texts,
            strings("area3.populations.PN.channels=8",
                    "area3.projections.\"IG, OG -> i\".sign=\"inhibitory\"",
                    "a.b=\"inhibitory\"", "circuit.steps=2"));
  EXPECT_EQ(conditions.back().grid().size(), 4u);
}

TEST_F(SweepTest, ConditionsAreNotTooMany) {
  auto expand = [&](const std::string &circuits, int axes) {
    errors.clear();
    std::string text = "[circuits]\n" + circuits + "\n[grid]\n";
    for (int i = 0; i < axes; ++i)
      text += "a.b" + std::to_string(i) + " = [0,1,2,3,4,5,6,7,8,9]\n";
    experiment = read(text);
    mlir::ScopedDiagnosticHandler handler(
        &context, [&](mlir::Diagnostic &error) {
          std::string place;
          llvm::raw_string_ostream(place) << error.getLocation();
          errors.push_back(llvm::StringRef(place).rsplit('/').second.str());
          return mlir::success();
        });
    return expandConditions(*experiment, reporter).size();
  };
  EXPECT_EQ(expand("A = \"a.toml\"", 4), 10000u);
  EXPECT_EQ(errors, strings());
  // At the key where they become too many, and without the grid.
  EXPECT_EQ(expand("A = \"a.toml\"", 5), 1u);
  EXPECT_EQ(errors, strings("experiment.toml\":8:3)"));
  EXPECT_EQ(expand("A = \"a.toml\"", 40), 1u);
  EXPECT_EQ(errors, strings("experiment.toml\":8:3)"));
  // At the circuit where they do.
  EXPECT_EQ(expand("A = \"a.toml\"\nB = \"b.toml\"", 4), 2u);
  EXPECT_EQ(errors, strings("experiment.toml\":3:1)"));
}

TEST_F(SweepTest, OverridesOfACircuitComeAfterThoseOfAll) {
  conditionNames("[circuits]\n"
                 "A = { file = \"a.toml\", set = { \"circuit.steps\" = 3 } }\n"
                 "[set]\n\"circuit.steps\" = 2\n");
  auto conditions = expandConditions(*experiment, reporter);
  ASSERT_EQ(conditions.size(), 1u);
  EXPECT_EQ(conditions[0].overrides[0].text(), "circuit.steps=2");
  EXPECT_EQ(conditions[0].overrides[1].text(), "circuit.steps=3");
  EXPECT_TRUE(conditions[0].grid().empty());
}

TEST_F(SweepTest, OverridesAreToml) {
  conditionNames("[circuits]\nA = \"a.toml\"\n[set]\n"
                 "\"a.b\" = [{ \"x y\" = \"\\u007F\\t\\\"\", z = 1 }]\n"
                 "c.'say \"d\"' = true\nc.\"it's\" = 2\n");
  auto conditions = expandConditions(*experiment, reporter);
  ASSERT_EQ(conditions.size(), 1u);
  std::vector<std::string> texts;
  for (const Override &override : conditions[0].overrides)
    texts.push_back(override.text());
  EXPECT_EQ(texts, strings("a.b=[{\"x y\" = \"\\u007F\\u0009\\\"\", z = 1}]",
                           "c.'say \"d\"'=true", "c.\"it's\"=2"));
}

TEST_F(SweepTest, NamesAreWholePathsWhereShortOnesAreAlike) {
  EXPECT_EQ(conditionNames("[circuits]\nA = \"a.toml\"\n[grid]\n"
                           "area3.populations.PN.channels = [4]\n"
                           "area4.populations.PN.channels = [8]\n"),
            strings("A,area3.populations.PN.channels=4,"
                    "area4.populations.PN.channels=8"));
}

TEST_F(SweepTest, ConditionsHaveFoldersOfTheirOwn) {
  experiment = read("[circuits]\nA = \"a.toml\"\na = \"b.toml\"\n");
  expand();
  EXPECT_EQ(errors, strings("two conditions would have the same folder: "
                            "'A' and 'a'"));
}

TEST_F(SweepTest, NamesOfConditionsAreShortEnoughForFiles) {
  // A,x=AAA...A: four bytes more than the value.
  auto errorsOf = [&](size_t length) {
    errors.clear();
    std::string value(length, 'A');
    experiment = read("[circuits]\nA = \"a.toml\"\n[grid]\nx = [\"" + value +
                      "\", \"" + value + "B\"]\n");
    expand();
    return errors;
  };
  EXPECT_EQ(errorsOf(219), strings());
  ASSERT_EQ(errorsOf(220).size(), 1u);
  EXPECT_NE(errors[0].find("expected at most 224 bytes, got 225"),
            std::string::npos)
      << errors[0];
  EXPECT_EQ(errorsOf(300).size(), 1u);
}

//===----------------------------------------------------------------------===//
// What runs have left
//===----------------------------------------------------------------------===//

TEST_F(SweepTest, RunsStandAsTheirFilesSay) {
  SweepFolder sweep(folder.str().str());
  EXPECT_EQ(sweep.state("run").state, State::Waiting);
  write("run/log.txt", "$ begun\nA: error: the first\n");
  EXPECT_EQ(sweep.state("run").state, State::Failed);
  EXPECT_EQ(sweep.state("run").reason, "the first");
  // What came before it was begun again is past.
  sweep.forgetFailure("run");
  EXPECT_EQ(sweep.state("run").state, State::Waiting);
  write("run/log.txt", "A: error: one\n$ again\nA: error: two\nsee there\n");
  EXPECT_EQ(sweep.state("run").reason, "two");
  write("run/summary.json", "{\"complete\": false}");
  EXPECT_EQ(sweep.state("run").state, State::Failed);
  write("run/summary.json", "{\"complete\": true}");
  EXPECT_EQ(sweep.state("run").state, State::Done);
}

TEST_F(SweepTest, OtherSettingsOfAnalysesAreAnotherExperiment) {
  auto plan = [&](const std::string &settings) {
    Plan plan;
    plan.experiment = *read("[training]\nanalyze_at = [1]\n" + settings +
                            "\n[circuits]\nA = \"a.toml\"\n");
    plan.conditions = expandConditions(plan.experiment, reporter);
    plan.executables.push_back({"A", ""});
    return plan;
  };
  Plan before = plan("threshold = 0.0");
  SweepFolder sweep(folder.str().str());
  ASSERT_FALSE(bool(sweep.write(before, "")));
  auto differences = [&](const std::string &settings) {
    return cantFail(sweep.differences(plan(settings)));
  };
  EXPECT_EQ(differences("threshold = 0"), strings());
  auto other = [](const std::string &now) {
    return strings("the condition A has other training: "
                   "{\"analyze_at\":[1],\"threshold\":0} there, now {" +
                   now + "}");
  };
  EXPECT_EQ(differences(""), other("\"analyze_at\":[1]"));
  EXPECT_EQ(differences("threshold = 0.5"),
            other("\"analyze_at\":[1],\"threshold\":0.5"));
  EXPECT_EQ(differences("threshold = 0\nno_spatial_average = true"),
            other("\"analyze_at\":[1],\"no_spatial_average\":true,"
                  "\"threshold\":0"));
}

TEST_F(SweepTest, LeftoversOfKilledWritersGo) {
  SweepFolder sweep(folder.str().str());
  for (const char *file : {"run/a.safetensors", "run/a.safetensors.tmp-Xy12Zw",
                           "run/analysis/epoch-1/b.csv.tmp-abcdef",
                           "executables/C", "executables/C.1a2b3c.tmp",
                           "sweep.json", "sweep.json.temp-stream-123456",
                           "executables/notes.tmp", "run/notes.tmp"})
    write(file, "x");
  sweep.removeLeftovers();
  sweep.removeLeftovers("run");
  auto exists = [&](llvm::StringRef file) {
    return llvm::sys::fs::exists(at(file));
  };
  EXPECT_TRUE(exists("run/a.safetensors"));
  EXPECT_FALSE(exists("run/a.safetensors.tmp-Xy12Zw"));
  EXPECT_FALSE(exists("run/analysis/epoch-1/b.csv.tmp-abcdef"));
  EXPECT_TRUE(exists("executables/C"));
  EXPECT_FALSE(exists("executables/C.1a2b3c.tmp"));
  EXPECT_TRUE(exists("sweep.json"));
  EXPECT_FALSE(exists("sweep.json.temp-stream-123456"));
  // What a user has put there.
  EXPECT_TRUE(exists("executables/notes.tmp"));
  EXPECT_TRUE(exists("run/notes.tmp"));
}

TEST_F(SweepTest, CountsImages) {
  EXPECT_FALSE(countImages(at("data"), 32, 32));
  write("idx/train-images-idx3-ubyte", std::string(16 + 5 * 6, 'x'));
  write("idx/t10k-images-idx3-ubyte", std::string(16 + 2 * 6, 'x'));
  EXPECT_EQ(countImages(at("idx"), 2, 3)->train, 5);
  EXPECT_EQ(countImages(at("idx"), 2, 3)->test, 2);
  write("cifar/data_batch_1.bin", std::string(2 * 3073, 'x'));
  write("cifar/data_batch_2.bin", std::string(3073, 'x'));
  write("cifar/test_batch.bin", std::string(3073, 'x'));
  EXPECT_EQ(countImages(at("cifar"), 32, 32)->train, 3);
  EXPECT_EQ(countImages(at("cifar"), 32, 32)->test, 1);
  write("folders/train/a/1.png", "x");
  write("folders/train/b/1.png", "x");
  write("folders/val/b/2.png", "x");
  EXPECT_EQ(countImages(at("folders"), 32, 32)->train, 2);
  EXPECT_EQ(countImages(at("folders"), 32, 32)->test, 1);
  write("tested/train/a/1.png", "x");
  write("tested/test/a/1.png", "x");
  write("tested/test/b/2.png", "x");
  EXPECT_EQ(countImages(at("tested"), 32, 32)->test, 2);
}

} // namespace
