"""lit's configuration: tests by pass, one folder each."""

import os
import shutil

import lit.formats

config.name = "dale"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".toml"]
config.excludes = ["Inputs", "end-to-end", "golden", "report", "schema", "sweep", "tutorial", "unit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.dale_binary, "test")

# dale and dale-opt of this build, and FileCheck, not, count and split-file.
config.environment["PATH"] = os.pathsep.join(
    [config.dale_tools, config.llvm_tools, config.environment.get("PATH", "")]
)
# GPU code takes as long to make as all else: only where a test asks for it.
config.environment["DALE_GPU"] = "none"
config.substitutions.append(
    ("%examples", os.path.join(config.dale_source, "examples"))
)
config.substitutions.append(
    ("%golden", os.path.join(config.dale_source, "test", "golden"))
)
# CUDA's assembler and linker, where dale finds them.
cuda = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/cuda/bin"])
if shutil.which("ptxas", path=cuda) and shutil.which("nvlink", path=cuda):
    config.available_features.add("ptxas")
# dale show --format=svg runs it.
if shutil.which("dot"):
    config.available_features.add("graphviz")
