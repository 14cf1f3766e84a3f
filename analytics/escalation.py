"""Escalation rules: when a human must step in, read from a YAML file that a support lead can edit.

`load_rules` checks everything at once and names the line of a mistake; `first_firing` is pure and cheap (microseconds),
imports no model, and says in Chinese why a rule fired. The file `escalation.yml` beside this module explains the form.
"""

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

#: The rules that ship with the product.
DEFAULT_RULES = Path(__file__).with_name("escalation.yml")

PRIORITIES = ("low", "normal", "high", "urgent")
#: Nested all/any/not and YAML aliases that loop both end here.
MAX_DEPTH = 8
_SLUG = re.compile(r"[a-z][a-z0-9_]{1,63}")


class RulesError(ValueError):
    """A rules file that cannot be used; the text names file, line, key, value, what was expected and the remedy."""


@dataclass(frozen=True)
class Fact:
    """One thing that a condition can ask for: its kind, and how it is said in a `because` sentence."""

    kind: str  # "text" | "number" | "flag"
    label: str


FACTS: dict[str, Fact] = {
    "intent": Fact("text", "意图"),
    "intent_confidence": Fact("number", "意图置信度"),
    "frustration": Fact("number", "烦躁度"),
    "sentiment": Fact("text", "情绪"),
    "sentiment_negative": Fact("number", "负面概率"),
    "unknown_in_a_row": Fact("number", "连续未答上次数"),
    "turns": Fact("number", "客户消息数"),
    "logged_in": Fact("flag", "已登录"),
    "amount": Fact("number", "涉及金额"),
    "open_handoff": Fact("flag", "已在等待人工"),
    "profile.messages": Fact("number", "历史消息数"),
    "profile.unknown": Fact("number", "历史未答上次数"),
    "profile.open_issues": Fact("number", "未解决问题数"),
    "profile.repeated_issues": Fact("number", "反复出现的问题数"),
    "profile.escalations": Fact("number", "历史转人工次数"),
    "profile.recent_escalations": Fact("number", "近期转人工次数"),
    "profile.sentiment": Fact("number", "一贯情绪"),
    "profile.sentiment_trend": Fact("number", "情绪变化"),
    "profile.frustration": Fact("number", "一贯烦躁度"),
    "profile.frustration_trend": Fact("number", "烦躁度变化"),
}
SENTIMENTS = {"negative": "负面", "neutral": "中性", "positive": "正面"}

#: comparison → (kinds of fact it fits, test, Chinese wording)
COMPARISONS: dict[str, tuple[frozenset[str], Callable[[Any, Any], bool], str]] = {
    "is": (frozenset({"text", "flag", "number"}), lambda actual, wanted: actual == wanted, "为"),
    "in": (frozenset({"text"}), lambda actual, wanted: actual in wanted, "属于"),
    "at_least": (frozenset({"number"}), lambda actual, wanted: actual >= wanted, "不低于"),
    "at_most": (frozenset({"number"}), lambda actual, wanted: actual <= wanted, "不高于"),
    "above": (frozenset({"number"}), lambda actual, wanted: actual > wanted, "高于"),
    "below": (frozenset({"number"}), lambda actual, wanted: actual < wanted, "低于"),
}


@dataclass(frozen=True)
class Comparison:
    """`fact comparison value`; a fact that is absent or null never holds."""

    fact: str
    comparison: str
    value: Any

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is true of `facts`."""
        actual = read_fact(facts, self.fact)
        return actual is not None and COMPARISONS[self.comparison][1](actual, self.value)

    def reasons(self, facts: Mapping[str, Any]) -> list[str]:
        """What made it true, in Chinese; empty when it is false."""
        if not self.holds(facts):
            return []
        label, actual = FACTS[self.fact].label, read_fact(facts, self.fact)
        if FACTS[self.fact].kind == "number" and self.comparison != "is":
            return [f"{label} {_said(actual)}，{COMPARISONS[self.comparison][2]} {_said(self.value)}"]
        return [f"{label}为{_said(actual)}"]


@dataclass(frozen=True)
class Group:
    """`all` or `any` of some conditions, or `not` all of them."""

    kind: str
    members: tuple["Comparison | Group", ...]

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is true of `facts`."""
        if self.kind == "any":
            return any(member.holds(facts) for member in self.members)
        every = all(member.holds(facts) for member in self.members)
        return not every if self.kind == "not" else every

    def reasons(self, facts: Mapping[str, Any]) -> list[str]:
        """What made it true, in Chinese; a `not` needs no words."""
        if self.kind == "not" or not self.holds(facts):
            return []
        return [reason for member in self.members for reason in member.reasons(facts)]


@dataclass(frozen=True)
class Rule:
    """One rule: when it fires, and where the conversation then goes."""

    name: str
    when: Group
    queue: str
    priority: str
    reason: str  # short English name, for statistics
    because: str  # Chinese, for people
    line: int  # 1-based line in the file


@dataclass(frozen=True)
class Firing:
    """A rule that fired; `because` is one Chinese sentence with the figures that made it fire."""

    rule: str
    queue: str
    priority: str
    reason: str
    because: str


def first_firing(rules: Sequence[Rule], facts: Mapping[str, Any]) -> Firing | None:
    """Return the first of `rules` that holds of `facts` (the names of FACTS), or None.

    `facts["profile"]` is the summary of `analytics.profiles`. An absent or null fact makes its condition false.
    """
    for rule in rules:
        if rule.when.holds(facts):
            figures = "；".join(dict.fromkeys(rule.when.reasons(facts)))
            because = f"因为{rule.because}（{figures}）。" if figures else f"因为{rule.because}。"
            return Firing(rule.name, rule.queue, rule.priority, rule.reason, because)
    return None


def read_fact(facts: Mapping[str, Any], name: str) -> Any:
    """Return the fact `name`, None where it is missing; an inferred profile value is taken out of its wrapping."""
    if not name.startswith("profile."):
        return facts.get(name)
    value = (facts.get("profile") or {}).get(name.removeprefix("profile."))
    return value.get("value") if isinstance(value, Mapping) else value


def load_rules(path: Path = DEFAULT_RULES) -> list[Rule]:
    """Read and check a rules file, in its order.

    :raises RulesError: naming file and line, on the first thing that is not right, an unreadable file included.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: cannot be read ({error}); give the path of a UTF-8 YAML file") from error
    return _Reader(path.name).rules(text)


class _Reader:
    """Turns YAML nodes, which know their lines, into rules."""

    def __init__(self, file: str) -> None:
        self.file = file

    def rules(self, text: str) -> list[Rule]:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            problem = getattr(error, "problem", None) or "no valid YAML"
            raise RulesError(f"{self.file}:{line}: {problem}; check indentation, brackets and colons here") from error
        if root is None:
            raise RulesError(f"{self.file}:1: the file is empty; expected the key 'rules' with a list of rules")
        top = self.mapping(root, "the file", required=("rules",), optional=("never_when",))
        guard = self.conditions(top["never_when"], "never_when", 0) if "never_when" in top else None
        if not isinstance(top["rules"], yaml.SequenceNode) or not top["rules"].value:
            raise self.error(top["rules"], "rules", _plain(top["rules"]), "a list with at least one rule")
        rules: list[Rule] = []
        lines: dict[str, int] = {}
        for node in top["rules"].value:
            rule = self.rule(node, guard)
            if rule.name in lines:
                raise self.error(
                    node, "name", rule.name, f"a name of its own (line {lines[rule.name]} has the same); rename one"
                )
            lines[rule.name] = rule.line
            rules.append(rule)
        return rules

    def rule(self, node: yaml.Node, guard: Group | None) -> Rule:
        parts = self.mapping(node, "a rule", required=("name", "when", "hand_over"))
        name = self.text(parts["name"], "name")
        when = self.conditions(parts["when"], "when", 0)
        if guard is not None:
            when = Group("all", (Group("not", (guard,)), when))
        action = self.mapping(
            parts["hand_over"], "hand_over", required=("queue", "reason", "because"), optional=("priority",)
        )
        priority = self.text(action["priority"], "priority") if "priority" in action else "normal"
        if priority not in PRIORITIES:
            raise self.error(action["priority"], "priority", priority, f"one of {', '.join(PRIORITIES)}")
        reason = self.text(action["reason"], "reason")
        if not _SLUG.fullmatch(reason):
            raise self.error(action["reason"], "reason", reason, "small letters, digits and _ (at most 64)")
        queue = self.text(action["queue"], "queue")
        if len(queue) > 64:
            raise self.error(action["queue"], "queue", queue, "at most 64 characters")
        because = self.text(action["because"], "because").removeprefix("因为").rstrip("。")
        return Rule(name, when, queue, priority, reason, because, _line(node))

    def conditions(self, node: yaml.Node, where: str, depth: int) -> Group:
        """A mapping of facts and groups, all of which must hold."""
        if depth > MAX_DEPTH:
            raise self.error(
                node, where, "…", f"at most {MAX_DEPTH} levels of all/any/not; is there an alias that contains itself?"
            )
        members: list[Comparison | Group] = []
        for key, value in self.mapping(node, where).items():
            if key in ("all", "any"):
                if not isinstance(value, yaml.SequenceNode) or not value.value:
                    raise self.error(value, key, _plain(value), "a list with at least one condition")
                members.append(Group(key, tuple(self.conditions(item, key, depth + 1) for item in value.value)))
            elif key == "not":
                members.append(Group("not", self.conditions(value, key, depth + 1).members))
            else:
                members.extend(self.comparisons(key, value, node))
        if not members:
            raise self.error(node, where, _plain(node), "at least one condition, such as frustration: {at_least: 0.8}")
        return Group("all", tuple(members))

    def comparisons(self, name: str, node: yaml.Node, parent: yaml.Node) -> list[Comparison]:
        if name not in FACTS:
            key = next((key for key, _ in parent.value if key.value == name), node)
            raise self.error(key, "fact", name, f"{_nearest(name, FACTS)}one of all, any, not, {', '.join(FACTS)}")
        kind = FACTS[name].kind
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise self.error(node, name, _plain(node), "a comparison such as {is: …} or {at_least: …}")
        found = []
        for comparison, value_node in self.mapping(node, name).items():
            fitting = [key for key, (kinds, _, _) in COMPARISONS.items() if kind in kinds]
            if comparison not in fitting:
                raise self.error(value_node, f"{name} comparison", comparison, f"one of {', '.join(fitting)}")
            found.append(Comparison(name, comparison, self.value(name, kind, comparison, value_node)))
        return found

    def value(self, name: str, kind: str, comparison: str, node: yaml.Node) -> Any:
        value = _plain(node)
        if comparison == "in":
            if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
                raise self.error(node, name, value, "a list of texts such as [refund_status, complain]")
            checked: list[Any] = value
        else:
            fits = {
                "text": isinstance(value, str),
                "flag": isinstance(value, bool),
                "number": isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value),
            }[kind]
            if not fits:
                expected = {"text": "a text", "flag": "true or false", "number": "a number"}[kind]
                raise self.error(node, name, value, f"{expected}, written without quotation marks around numbers")
            checked = [value]
        if name == "sentiment":
            for item in checked:
                if item not in SENTIMENTS:
                    raise self.error(node, name, item, f"one of {', '.join(SENTIMENTS)}")
        return tuple(checked) if comparison == "in" else value

    def mapping(
        self, node: yaml.Node, where: str, required: Sequence[str] | None = None, optional: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        """The node's keys; with `required` given, exactly those and `optional` are allowed."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, where, _plain(node), "keys with values (a mapping)")
        found: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                raise self.error(key_node, "key", key, f"each key once in {where}; remove one or write them under all:")
            if required is not None and key not in (*required, *optional):
                known = (*required, *optional)
                raise self.error(key_node, "key", key, f"{_nearest(key, known)}one of {', '.join(known)} in {where}")
            found[key] = value_node
        for key in required or ():
            if key not in found:
                raise self.error(node, "key", key, f"to stand in {where}, which has {', '.join(found) or 'nothing'}")
        return found

    def text(self, node: yaml.Node, key: str) -> str:
        value = _plain(node)
        if not isinstance(value, str) or not value.strip():
            raise self.error(node, key, value, "a text that is not empty")
        return value.strip()

    def error(self, node: yaml.Node, key: str, value: Any, expected: str) -> RulesError:
        return RulesError(f"{self.file}:{_line(node)}: {key}={value!r}: expected {expected}")


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _plain(node: yaml.Node) -> Any:
    """The node's Python value as far as an error text or a scalar needs it (never follows a looping alias)."""
    if isinstance(node, yaml.ScalarNode):
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (yaml.YAMLError, ValueError):  # an unknown tag, or 2026-13-45 taken for a date
            return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) if isinstance(item, yaml.ScalarNode) else "…" for item in node.value]
    return {str(key.value): "…" for key, _ in node.value}


def _nearest(name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"{close[0]} (did you mean it?), " if close else ""


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return SENTIMENTS.get(value, str(value)) if isinstance(value, str) else str(value)
