"""The three recipes of CONTRIBUTING.md, followed in a copy of the repository: a feed, a cause, a city.

``recipes`` holds the files that each recipe asks for; the lines that it adds to files of ours stand here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

RECIPES = Path(__file__).parent / "recipes"
PACKAGES = ("dags", "docs", "expectations", "matchers", "pipelines", "sql", "tests")
PAGES = ("*.md", "*.toml", "Makefile")
CITED = ("matchers/policies/national.toml", "[causes]", 'TAXED_WAGES = ["L51（一）", "R15（一）"]')
HERE = """import matchers

def test_here():
    assert __file__.rpartition("/tests/")[0] == matchers.__file__.rpartition("/matchers/")[0]
"""


class Copy:
    """A copy of the repository in which a newcomer works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        without = shutil.ignore_patterns("__pycache__", "recipes", "test_recipes.py")
        for name in PACKAGES:
            shutil.copytree(REPOSITORY / name, folder / name, ignore=without)
        for page in (page for pattern in PAGES for page in REPOSITORY.glob(pattern)):
            shutil.copy(page, folder)
        (folder / "tests" / "test_here.py").write_text(HERE, "utf-8")
        shutil.copytree(REPOSITORY / "benchmarks", folder / "benchmarks", ignore=without)

    def take(self, recipe: str) -> None:
        """The files of a recipe."""
        shutil.copytree(RECIPES / recipe, self.folder, dirs_exist_ok=True)

    def add(self, file: str, after: str, line: str) -> None:
        """One more line in a file of ours."""
        source = self.read(file)
        assert source.count(f"{after}\n") == 1
        (self.folder / file).write_text(source.replace(f"{after}\n", f"{after}\n{line}\n"), "utf-8")

    def read(self, file: str) -> str:
        """What a file there says."""
        return (self.folder / file).read_text("utf-8")

    def crossmatch(self, *arguments: str) -> str:
        """What the command prints there."""
        return self.run("-c", "from pipelines.cli import main; main()", *arguments)

    def run(self, *arguments: str) -> str:
        """What ``python`` with these arguments prints there; it must succeed."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("CROSSMATCH_")}
        settings = {"PYTHONPATH": str(self.folder), "PYTEST_ADDOPTS": ""}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=own | settings,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    def passes(self, names: str, *tests: str) -> None:
        """The tests of these files that ``names`` selects pass there, on what stands in the copy."""
        files = (f"tests/{name}.py" for name in tests)
        ran = self.run("-m", "pytest", "-p", "no:xdist", "-x", "-k", names, *files, "tests/test_here.py")
        assert "passed" in ran


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "repository")


def test_a_feed_is_added_by_the_recipe(copy: Copy) -> None:
    copy.take("feed")
    delivery = "tests/deliveries/tax_wages/broken.csv"
    checked = copy.crossmatch("check-delivery", delivery, "--feed", "tax_wages")
    assert all(word in checked for word in ("必填项为空", "年月无法读取", "代码未约定"))
    copy.run("-m", "docs.reference")
    assert "| 工资薪金扣缴 | `tax_wages` |" in copy.read("docs/glossary.md")
    copy.passes(
        "tax_wages or every_feed or every_promised or made_of_the_code or here",
        "test_feeds", "test_landing_deliveries", "test_suite", "test_docs",
    )  # fmt: skip


def test_a_cause_is_added_by_the_recipe(copy: Copy) -> None:
    copy.take("feed")
    copy.take("cause")
    copy.add(*CITED)
    copy.run("-m", "docs.reference")
    assert "| 有工资薪金 | `TAXED_WAGES` | 工资薪金扣缴 |" in copy.read("docs/glossary.md")
    copy.passes(
        "taxed_wages or TAXED_WAGES or every_cause or made_of_the_code or here", "test_causes", "test_docs"
    )


@pytest.mark.parametrize("city", ["anshan", "zunshan"])
def test_a_city_is_added_by_the_recipe_wherever_its_name_sorts(copy: Copy, city: str) -> None:
    copy.take("city")
    for folder in ("matchers/policies", "tests/causes"):
        file = copy.folder / folder / "anshan.toml"
        text = file.read_text("utf-8").replace("anshan", city)
        file.unlink()
        file.with_name(f"{city}.toml").write_text(text, "utf-8")
    copy.run("-m", "docs.reference")
    copy.passes(f"{city} or law or made_of_the_code or here", "test_causes", "test_law", "test_docs")
