"""Does what the tutorial says.

    check_tutorial.py DALE PAGE EXAMPLES

A ```toml block is a file whose first line names it. A ```console block has
commands after `$`, and below each its output, where `...` stands for any lines.
A file must pass `dale check`, unless a console block shows what is wrong with it.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile


def blocks(page):
    """The page's blocks: line, language, text."""
    pattern = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    for match in pattern.finditer(page):
        yield page.count("\n", 0, match.start()) + 1, match[1], match[2]


def transcript(text):
    """The commands of a console block: command, expected output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def matches(expected, actual):
    parts = re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)
    return re.fullmatch(r"(?:.*\n)*?".join(map(re.escape, parts)), actual)


class Tutorial:
    def __init__(self, dale, folder):
        self.folder = folder
        path = os.path.dirname(dale) + os.pathsep + os.environ["PATH"]
        self.environment = dict(os.environ, PATH=path)
        self.failures = []
        self.shown = set()
        self.files = {}

    def fail(self, line, message):
        self.failures.append(f"tutorial.md:{line}: {message}")

    def run(self, command):
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def save(self, line, text):
        name = re.match(r"# ([\w-]+\.toml)\n", text)
        if not name:
            return self.fail(line, "a TOML block begins with its file's name")
        self.files[name[1]] = line
        with open(os.path.join(self.folder, name[1]), "w") as file:
            file.write(text)

    def console(self, line, text):
        for command, expected in transcript(text):
            self.shown |= set(re.findall(r"^dale check ([\w-]+\.toml)$", command))
            actual = self.run(command).stdout
            if not matches(expected, actual):
                lines = expected.splitlines(True), actual.splitlines(True)
                diff = "".join(difflib.unified_diff(*lines, "the page", "dale"))
                self.fail(line, f"'{command}' says otherwise\n{diff}")

    def check_rest(self):
        for name in self.files.keys() - self.shown:
            run = self.run(f"dale check {name}")
            if run.returncode != 0:
                self.fail(self.files[name], f"an error that is not shown\n{run.stdout}")


def main():
    dale, page, examples = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder, open(page) as file:
        os.symlink(examples, os.path.join(folder, "examples"))
        tutorial = Tutorial(dale, folder)
        for line, language, text in blocks(file.read()):
            if language == "toml":
                tutorial.save(line, text)
            elif language == "console":
                tutorial.console(line, text)
        tutorial.check_rest()
    print("\n".join(tutorial.failures) or f"{len(tutorial.files)} files")
    return 1 if tutorial.failures or not tutorial.files else 0


sys.exit(main())
