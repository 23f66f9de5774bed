#!/usr/bin/env python3
"""Checks what run.py counts and joins; no time is looked at.

    test/benchmark/check_account.py --dale build/bin/dale --circuit EXECUTABLE
                                    --regions build/lib/libdale-regions.so

EXECUTABLE is test/golden/Standard.toml, compiled.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "account")]
import kernels  # noqa: E402
import profiling  # noqa: E402
import run  # noqa: E402
import stages  # noqa: E402

CIRCUIT = HERE.parent / "golden" / "Standard.toml"

PRODUCT = """\
  func.func private @kernel_3(%arg0: memref<64x27xf32>, %arg1: memref<27x16xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c16 = arith.constant 16 : index
    %c27 = arith.constant 27 : index
    %c64 = arith.constant 64 : index
    scf.for %arg3 = %c0 to %c64 step %c16 {
      %1 = scf.for %arg4 = %c0 to %c27 step %c1 iter_args(%arg5 = %cst) -> (vector<16x16xf32>) {
        %2 = vector.transfer_read %arg0[%arg3, %arg4], %0 : memref<64x27xf32>, vector<16x1xf32>
        %4 = vector.contract {} %2, %3, %arg5 : vector<16x1xf32>, vector<1x16xf32> into vector<16x16xf32>
        scf.yield %4 : vector<16x16xf32>
      }
    }
    return
  }
  func.func private @kernel_4(%arg0: memref<4x16xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    scf.for %arg3 = %c0 to %c4 step %c1 {
      vector.transfer_write %cst, %arg0[%arg3, %c0] : vector<1x16xf32>, memref<4x16xf32>
    }
    return
  }
  func.func @step(%arg0: memref<?xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    call @kernel_4(%0) : (memref<4x16xf32>) -> ()
    scf.parallel (%arg1) = (%c0) to (%c32) step (%c1) {
      func.call @kernel_4(%0) : (memref<4x16xf32>) -> ()
      scf.for %arg2 = %1 to %2 step %c1 {
        func.call @kernel_3(%0, %1) : (memref<64x27xf32>, memref<27x16xf32>) -> ()
        scf.for %arg3 = %c0 to %c2 step %c1 {
          func.call @kernel_3(%0, %1) : (memref<64x27xf32>, memref<27x16xf32>) -> ()
        }
      }
      scf.reduce
    }
    return
  }
"""


class Counting(unittest.TestCase):
    def test_kernels(self):
        found = kernels.read_kernels(PRODUCT)
        self.assertEqual(found["kernel_3"], kernels.Kernel(
            "matrix products", 64 * 27 * 16, 4 * 64 * 27, ["64x27", "27x16"]))
        self.assertEqual(found["kernel_4"], kernels.Kernel("zeros", 0, 4 * 4 * 16, ["4x16"]))

    def test_loops(self):
        self.assertEqual(kernels.read_loops(PRODUCT, "step"), [
            kernels.Loop(Counter(kernel_3=3), Counter(kernel_4=1))])

    def test_sums_are_no_stages(self):
        stage, sums = kernels.Loop(Counter(kernel_3=3), Counter()), kernels.Loop()
        self.assertEqual(kernels.number([stage, sums, stage]), [0, None, 1])

    def test_circuit(self):
        """dale counts stages and bytes between them on its own."""
        cost = json.loads(subprocess.run([OPTIONS.circuit, "info", "--json"], check=True,
                                         capture_output=True, text=True).stdout)["cost"]
        found = stages.read_stages(emit("fused"))
        loops = kernels.read_loops(emit("vector"), "dale_train_step")
        self.assertEqual(len(found), cost["train_step"]["stages"])
        self.assertEqual(len([loop for loop in loops if loop.per_image]),
                         cost["train_step"]["stages"])
        self.assertEqual(sum(stage.read + stage.written for stage in found),
                         cost["train_step"]["bytes_per_image"])
        self.assertFalse(found[0].backward)
        self.assertTrue(found[-1].backward)

    def test_samples(self):
        symbol = profiling._symbol
        self.assertEqual(symbol("kernel_7", "/a/standard"), "kernel_7")
        self.assertEqual(symbol("kernel_init", "[kernel.kallsyms]"), "system")
        self.assertEqual(symbol("__memset_avx2", "/lib/libc.so.6"), "zeros")
        self.assertEqual(symbol("[unknown]", "/lib/libomp.so.5"), "waiting")


class Profiling(unittest.TestCase):
    def test_stages_have_times(self):
        if not OPTIONS.regions.exists():
            self.skipTest("no omp-tools.h when dale was configured")
        if problem := profiling.perf_problem():
            print(f"without samples: {problem}", file=sys.stderr)
        count = len(stages.read_stages(emit("fused")))
        loops = kernels.number(kernels.read_loops(emit("vector"), "dale_train_step"))
        with tempfile.TemporaryDirectory() as folder:
            found = profiling.run(OPTIONS.circuit, OPTIONS.regions,
                                  ["--batch", 64, "--threads", 2], 20, loops, Path(folder))
        self.assertEqual(len(found.stage_seconds), count)
        self.assertTrue(all(seconds > 0 for seconds in found.stage_seconds))
        self.assertLessEqual(sum(found.stage_seconds), found.step_seconds)
        if found.samples:
            known = kernels.read_kernels(emit("vector"))
            symbols = sum(found.samples, Counter())
            self.assertTrue(known.keys() & symbols.keys())

    def test_wrong_number_of_stages(self):
        if not OPTIONS.regions.exists():
            self.skipTest("no omp-tools.h when dale was configured")
        loops = kernels.number(kernels.read_loops(emit("vector"), "dale_train_step")) + [None]
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(RuntimeError):
            profiling.run(OPTIONS.circuit, OPTIONS.regions, [], 2, loops, Path(folder))


class Page(unittest.TestCase):
    def test_insert(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text("a\n<!-- begin account -->\nold\n<!-- end account -->\nb\n")
            run.insert(page, "account", r"new \1")
            self.assertEqual(page.read_text(),
                             "a\n<!-- begin account -->\nnew \\1\n<!-- end account -->\nb\n")
            with self.assertRaises(SystemExit):
                run.insert(page, "scaling", "new")

    def test_performance_page(self):
        text = (HERE.parent.parent / "docs" / "performance.md").read_text()
        for section in run.SECTIONS:
            self.assertEqual(text.count(f"<!-- begin {section} -->"), 1)
            self.assertEqual(text.count(f"<!-- end {section} -->"), 1)


def emit(level):
    return subprocess.run([OPTIONS.dale, "compile", CIRCUIT, "--gpu", "none", f"--emit={level}",
                           "-o", "-"], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    PARSER = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in "--dale", "--circuit", "--regions":
        PARSER.add_argument(option, type=Path, required=True)
    OPTIONS, REST = PARSER.parse_known_args()
    unittest.main(argv=[sys.argv[0], *REST], verbosity=2)
