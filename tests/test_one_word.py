"""One word for one notion, wherever people read: the word is in the glossary, its synonyms are nowhere."""

from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

INSTEAD_OF = {
    "报送部门": ("报送机构", "报送单位", "供数单位", "供数部门", "提供部门"),
    "待放行": ("待释放", "待签放"),
    "对当事人有利": ("不利于认定", "对本人有利", "对当事人有益", "相反证据", "相反的情况"),
    "反馈": ("回馈",),
    "可止付": ("尚可拦下", "可拦下"),
    "查实率": ("属实率", "命中率", "准确率"),
}
READ_BY_PEOPLE = ("pipelines", "dags", "docs", "matchers", "README.zh-CN.md", "README.md")
ENDINGS = {".py", ".j2", ".md", ".toml", ".html"}
CITED = REPOSITORY / "matchers" / "policies"  # a policy's citation belongs to its version


def _texts() -> list[Path]:
    every = [REPOSITORY / name for name in READ_BY_PEOPLE]
    files = [file for place in every for file in (place.rglob("*") if place.is_dir() else [place])]
    return [file for file in files if file.suffix in ENDINGS and CITED not in file.parents]


@pytest.mark.parametrize("word", INSTEAD_OF)
def test_a_notion_has_its_word_in_the_glossary_and_no_synonym_anywhere(word: str) -> None:
    assert word in (REPOSITORY / "docs" / "glossary.md").read_text("utf-8")
    texts = {file: file.read_text("utf-8") for file in _texts()}
    assert len(texts) > 100
    assert [
        (str(file.relative_to(REPOSITORY)), synonym)
        for file, text in texts.items()
        for synonym in INSTEAD_OF[word]
        if synonym in text
    ] == []
