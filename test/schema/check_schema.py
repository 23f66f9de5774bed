"""Holds the JSON Schema of circuit files against good and wrong ones.

    check_schema.py DALE FILE...

The files are good. The wrong ones are below: each is GOOD with one slip, which
both the schema and `dale check` must refuse.
"""

import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import tomllib
except ImportError as error:
    print(f"skipped: {error}; on Debian 12: apt-get install python3-jsonschema")
    sys.exit(77)

GOOD = """
[circuit]
name = "Good"
steps = 2
input = { height = 8, width = 8, channels = 3 }

[area1]
channels = 4
pool = { size = 3, stride = 2 }

[area2]
pool = { size = 3 }

[area2.populations]
E = { channels = 8, sign = "excitatory", principal = true, norm = "batch" }
I = { channels = 2, sign = "inhibitory" }

[area2.gates]
f = { on = "E", kind = "leak" }
i = { on = "E", acts = "input", kind = "multiply" }

[area2.projections]
"input -> E, I" = {}
"E -> E" = { size = 5 }
"I -> i" = { range = "local" }

[area3]
like = "area2"
scale = 2

[readout]
classes = 10

[training]
schedule = { epochs = [2, 4] }
"""

# What is wrong, what GOOD says, and what stands in its place.
SLIPS = [
    ("an unknown key of a section", "steps = 2", "steps = 2\nstep = 2"),
    ("an unknown key of an area", "[area1]", "[area1]\nkernels = 3"),
    ("an unknown key of a population", "sign = ", "sing = "),
    ("an unknown key of a gate", 'acts = "input"', 'act = "input"'),
    ("an unknown key of a projection", "size = 5", "sice = 5"),
    ("a recurrent area's key of another", "[area1]", "[area1]\ngates = {}"),
    ("a feed-forward area's key of another", "[area2]", "[area2]\nstride = 2"),
    ("both kinds of area at once", "[area2]", "[area2]\nchannels = 2"),
    ("a string for a number", "steps = 2", 'steps = "2"'),
    ("a number for a string", 'name = "Good"', "name = 3"),
    ("a fraction for a whole number", "steps = 2", "steps = 2.5"),
    ("a number for a boolean", "principal = true", "principal = 1"),
    ("a number for a table", "pool = { size = 3 }", "pool = 3"),
    ("true for a table", "pool = { size = 3 }", "pool = true"),
    ("nothing for a table that must be", "input = {", "input = false #"),
    ("a number for an array", "epochs = [2, 4]", "epochs = 2"),
    ("a bad choice", '"excitatory"', '"excitory"'),
    ("a bad choice of norm", 'norm = "batch"', 'norm = "bach"'),
    ("a negative number", "steps = 2", "steps = -2"),
    ("a number that is too large", "steps = 2", "steps = 1001"),
    ("zero channels", "channels = 4", "channels = 0"),
    ("a rate of zero", "[training]", "[training]\nlearning_rate = 0"),
    ("a momentum of one", "[training]", "[training]\nmomentum = 1.0"),
    ("a negative epoch", "epochs = [2, 4]", "epochs = [-2, 4]"),
    ("means that are no numbers", "channels = 3", 'channels = 3, means = ["1", 2, 3]'),
    ("three bounds of an area", "[training]", "[training]\naugment.area = [0.1, 0.2, 0.3]"),
    ("an area above one", "[training]", "[training]\naugment.area = [0.1, 1.5]"),
    ("a number for bounds", "[training]", "[training]\naugment.aspect = 1.5"),
    ("no fraction at all", "[training]", "[training]\nfraction = 0"),
    ("no name", 'name = "Good"', ""),
    ("no classes", "classes = 10", ""),
    ("no width", "width = 8, ", ""),
    ("no channels of a population", "channels = 2, ", ""),
    ("no size of a pool", "size = 3, ", ""),
    ("no 'on' of a gate", 'on = "E", kind', "kind"),
    ("no 'acts' of a gate", 'acts = "input", ', ""),
    ("no read-out", "[readout]\nclasses = 10", ""),
    ("neither channels nor populations", "channels = 4", ""),
    ("a scale of nothing", 'like = "area2"', ""),
    ("a projection without a target", '"E -> E"', '"E ->"'),
    ("a projection without an arrow", '"E -> E"', '"E"'),
    ("a name with a space", "[area1]", '["area 1"]'),
]

# Files over a base, which say only what they change.
OVERLAYS = [
    "",
    "[area2.populations]\nE = { channels = 16 }\n",
    "[area2.populations]\nI = false\n[area2.gates]\ni = false\n"
    '[area2.projections]\n"* -> I, i" = false\n',
    "area3 = false\n",
    "[circuit.input]\nresize = 9\nmeans = [1, 2.5, 3]\n"
    "[training]\naugment = { area = [0.5, 1] }\nrandom_labels = true\n",
    "[area1]\nnorm = { decay = 0.5 }\npool = false\n[circuit]\nsteps = 3\n",
]


def check(dale, text):
    """Whether `dale check` accepts a text, and what it says."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "good.toml"), "w") as file:
            file.write(GOOD)
        path = os.path.join(folder, "circuit.toml")
        with open(path, "w") as file:
            file.write(text)
        run = subprocess.run([dale, "check", path], capture_output=True, text=True)
        return run.returncode == 0, run.stderr


def main():
    dale, files = sys.argv[1], sys.argv[2:]
    schema = json.loads(subprocess.check_output([dale, "schema"]))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failures = []

    def expect(valid, what, text):
        errors = [error.message for error in validator.iter_errors(tomllib.loads(text))]
        if valid and errors:
            failures.append(f"the schema refuses {what}: {errors}")
        if not valid and not errors:
            failures.append(f"the schema accepts {what}")

    for path in files:
        with open(path) as file:
            expect(True, path, file.read())
    slips = [(what, GOOD.replace(said, slip, 1)) for what, said, slip in SLIPS]
    overlays = ['base = "good.toml"\n' + overlay for overlay in OVERLAYS]
    good = [("the good file", GOOD)] + [(repr(text), text) for text in overlays]
    for valid, cases in (True, good), (False, slips):
        for what, text in cases:
            if what != "the good file" and text == GOOD:
                failures.append(f"{what}: nothing is replaced")
            expect(valid, what, text)
            accepted, said = check(dale, text)
            if accepted != valid:
                failures.append(f"dale {'accepts' if accepted else 'refuses'} {what}\n{said}")
    print("\n".join(failures) or f"{len(files) + len(slips) + len(good)} files")
    return 1 if failures else 0


sys.exit(main())
