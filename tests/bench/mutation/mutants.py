"""Small wrongs done to a module, one at a time: what a test that looks at it should notice.

A comparison, a boundary, a truth, a number, a word, a sign, a condition or a whole statement is changed.
Words of messages that are raised, of tables and of types are left as they are: no rule hangs on them.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
REACHED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMED: Final = {"any": "all", "all": "any", "min": "max", "max": "min"}
ASKED: Final = {
    "startswith": "endswith",
    "endswith": "startswith",
    "removeprefix": "removesuffix",
    "removesuffix": "removeprefix",
}
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One wrong: where it is, what stood there and what stands there now, and the module with it."""

    module: str
    function: str  # qualified; "" for what the module or a class says of itself
    change: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The same as long as the code around it is; no line numbers, which move."""
        return f"{self.module} {self.function or 'module'}: {self.change}"


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text."""
    tree = ast.parse(source)
    named: Counter[tuple[str, str]] = Counter()
    for place, (node, function) in enumerate(_reached(tree)):
        for number, (before, after) in enumerate(_wrongs(node, inside=bool(function))):
            change = f"{_said(before)} -> {_said(after)}"
            named[function, change] += 1
            times = named[function, change]
            yield Mutant(
                module=module,
                function=function,
                change=change if times == 1 else f"{change} #{times}",
                tree=_with(tree, place, number, inside=bool(function)),
            )


def _with(tree: ast.Module, place: int, number: int, *, inside: bool) -> ast.Module:
    """The module with one node changed; the same walk over a copy finds the same node."""
    changed = copy.deepcopy(tree)
    node = next(node for at, (node, _) in enumerate(_reached(changed)) if at == place)
    before, after = list(_wrongs(node, inside=inside))[number]
    ast.copy_location(after, before)
    ast.fix_missing_locations(after)
    for parent in ast.walk(changed):
        for field, value in ast.iter_fields(parent):
            if value is before:
                setattr(parent, field, after)
                return changed
            if isinstance(value, list) and any(each is before for each in value):
                value[[each is before for each in value].index(True)] = after
                return changed
    raise AssertionError(f"not found: {_said(before)}")


def _reached(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node that may be changed, with the function it is in."""

    def walk(node: ast.AST, function: str, classes: str) -> Iterator[tuple[ast.AST, str]]:
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "decorator_list", "type_params", "bases", "keywords_only"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST) or _is_said(child):
                    continue
                if isinstance(child, FunctionNode):
                    named = f"{function}.<locals>.{child.name}" if function else f"{classes}{child.name}"
                    yield from walk(child, function or named, classes)
                elif isinstance(child, ast.ClassDef):
                    yield from walk(child, function, f"{classes}{child.name}.")
                else:
                    yield child, function
                    if not isinstance(child, ast.Raise):  # what it says is a message
                        yield from walk(child, function, classes)

    yield from walk(tree, "", "")


def _is_said(node: ast.AST) -> bool:
    """Whether a node only speaks: a docstring, a message, an import."""
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or isinstance(
        node, ast.JoinedStr | ast.Import | ast.ImportFrom
    )


def _wrongs(node: ast.AST, *, inside: bool) -> Iterator[tuple[ast.AST, ast.AST]]:  # noqa: C901, PLR0912 - a table of kinds
    """What of this node is changed, and into what."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            for at, op in enumerate(ops):
                turned = [COMPARED[type(op)]() if each == at else one for each, one in enumerate(ops)]
                yield node, ast.Compare(left=left, ops=turned, comparators=others)
        case ast.BoolOp(op=op, values=values):
            yield node, ast.BoolOp(op=ast.Or() if isinstance(op, ast.And) else ast.And(), values=values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in REACHED:
            yield node, ast.BinOp(left=left, op=REACHED[type(op)](), right=right)
        case ast.Constant(value=bool() as truth):
            yield node, ast.Constant(value=not truth)
        case ast.Constant(value=int() | float() as number):
            yield node, ast.Constant(value=number + 1)
        case ast.Constant(value=str() as word) if inside:
            yield node, ast.Constant(value=f"{word}?")
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield node, ast.Return(value=ast.Constant(value=None))
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield test, ast.UnaryOp(op=ast.Not(), operand=test)
        case ast.comprehension(ifs=tests):
            for test in tests:
                yield test, ast.UnaryOp(op=ast.Not(), operand=test)
        case ast.Call(func=ast.Name(id=name) as called) if name in NAMED:
            yield called, ast.Name(id=NAMED[name], ctx=ast.Load())
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if name in ASKED:
            yield node, ast.Attribute(value=value, attr=ASKED[name], ctx=ast.Load())
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign() | ast.Raise():
            if inside:
                yield node, ast.Pass()
        case ast.Continue():
            yield node, ast.Break()
        case ast.Break():
            yield node, ast.Continue()


def _said(node: ast.AST) -> str:
    """A node in one line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 120 else f"{text[:117]}..."
