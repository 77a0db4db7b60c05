"""地方约定 — an agency's own headings and bounds, laid over the contract that we ship, and checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

SITE = "CROSSMATCH_SITE"
ADDED_TO = ("headings", "drop", "nothing", "placeholders")
LISTS = (*ADDED_TO, "words")
Toml = dict[str, Any]


class ContractError(ValueError):
    """A feed's TOML is not what it should be; the message names the file, the place and what is wrong."""


def own(folder: str | None, ours: Mapping[str, Toml]) -> dict[str, Toml]:
    """``ours``, the agency's file of the same name laid over each: headings added, the rest replaced."""
    if not folder:
        return dict(ours)
    if not Path(folder).is_dir():
        raise ContractError(f"目录 {folder} 不存在")
    local = {file.stem: read(file) for file in sorted(Path(folder).glob("*.toml"))}
    if strange := sorted(local.keys() - ours.keys()):
        raise ContractError(f"{'、'.join(strange)}.toml 不与任何数据源同名；可用：{'、'.join(ours)}")
    return {name: _laid_over(given, local.get(name, {}), f"{name}.toml") for name, given in ours.items()}


def fitting(kind: type, given: Toml, place: str, *elsewhere: str) -> Toml:
    """``given``, which has what the dataclass ``kind`` needs, of its types; some fields are ``elsewhere``."""
    hints = get_type_hints(kind)
    if not isinstance(given, dict):
        raise ContractError(f"{place} 应为一节")
    own = {f.name: f for f in fields(kind) if f.name not in elsewhere}
    for key, value in given.items():
        if key not in own:
            raise ContractError(f"{place} 有未知的键 {key}；可用：{'、'.join(own)}")
        if not _fits(value, hints[key]):
            raise ContractError(f"{place} 的 {key} 应为{_kind_in_words(hints[key])}")
    for key, field in own.items():
        if key not in given and field.default is field.default_factory is MISSING:
            raise ContractError(f"{place} 缺少 {key}")
    return given


def read(file: Traversable) -> Toml:
    """What a TOML file declares; ``ContractError`` where it cannot be read."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ContractError(f"{file.name} 无法读取（{error.strerror}）") from None
    except ValueError as error:
        raise ContractError(f"{file.name} 不是有效的 TOML（{error}）") from None


def _laid_over(ours: Toml, local: Toml, place: str) -> Toml:
    laid = dict(ours)
    for key, value in local.items():
        if key in LISTS and not _fits(value, tuple[str, ...]):
            raise ContractError(f"{place} 的 {key} 应为{_kind_in_words(tuple[str, ...])}")
        if key in ADDED_TO:
            laid[key] = [*ours.get(key, []), *value]
        elif isinstance(value, dict):
            below = ours.get(key, {})
            if not isinstance(below, dict):
                raise ContractError(f"{place} 的 {key} 不是一节")
            laid[key] = _laid_over(below, value, f"{place} [{key}]")
        elif isinstance(ours.get(key), dict):
            raise ContractError(f"{place} 的 {key} 应为一节")
        else:
            laid[key] = value
    return laid


def _fits(value: Any, kind: Any) -> bool:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return value in arguments
    if origin is tuple:
        if not isinstance(value, list) or (arguments[-1] is not ... and len(value) != len(arguments)):
            return False
        return all(_fits(one, arguments[0]) for one in value)
    if origin is Mapping or isinstance(value, dict):
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _kind_in_words(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return "、".join(arguments) + " 之一"
    if origin is tuple:
        return '文字的列表，如 ["…"]' if arguments[0] is str else "两个数，如 [0.5, 2.0]"
    if origin is Mapping:
        return "文字到文字的对照"
    return {float: "数", int: "整数", bool: "true 或 false"}.get(kind, "文字")
