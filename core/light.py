"""Compiled templates, made light once.

Django works out every part of a page again whenever it is drawn, also what is always the same. The
loader below goes over each template when it has been compiled and puts in cheaper parts that write
the same text: what stands fixed in a language is written once per language, sentences are put
together once, and addresses with a number in them are looked up once. The templates themselves
stay as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from html import escape
from typing import Any

from django.conf import settings
from django.template import Node, Variable
from django.template.base import (
    FilterExpression,
    NodeList,
    Template,
    TextNode,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.context import Context
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import BlockNode
from django.template.loaders import cached
from django.template.smartif import TokenBase
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

# A whole number that no address contains by accident.
SOME_NUMBER = 7_310_054_862_917


class Loader(cached.Loader):
    """The loader that keeps compiled templates, light ones."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template: Any = super().get_template(template_name, skip)
        if not getattr(template, "is_light", False):
            lighten(template.nodelist)
            template.nodelist = Whole(template.nodelist)
            template.is_light = True
        found: Template = template
        return found


def lighten(nodes: NodeList) -> None:
    """Put the cheaper parts in, here and in all lists of parts below."""
    made: list[Node] = []
    for node in nodes:
        for below in _below(node):
            lighten(below)
        if isinstance(node, CommentNode | LoadNode):
            continue
        light = _light(node)
        quicken(light)
        if is_fixed(light) and made and is_fixed(made[-1]):
            made[-1] = Fixed([*_parts(made[-1]), *_parts(light)])
        else:
            made.append(light)
    nodes[:] = [_fixed(node) if is_fixed(node) else node for node in made]


def _below(node: Node) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [nodes for _condition, nodes in node.conditions_nodelists]
    found = (getattr(node, name, None) for name in node.child_nodelists)
    return [nodes for nodes in found if isinstance(nodes, NodeList)]


def _light(node: Node) -> Node:
    """The cheaper part in place of this one, or itself. Parts of other kinds than Django's own are
    left alone, and so is what is made of them.
    """
    make = LIGHT.get(type(node))
    light = make(node) if make else None
    if light is None:
        return node
    light.origin, light.token = node.origin, node.token
    return light


# Where a page is drawn


class Here:
    """What all parts of a page have in common: to ask for it takes longer than to draw most."""

    def __init__(self, language: str | None) -> None:
        self.language = language

    @cached_property
    def root(self) -> tuple[str, str]:
        return root()

    @classmethod
    def of(cls, context: Context) -> "Here":
        kept = _of_the_page(context)
        found: Here | None = kept.get(cls)
        if found is None:
            found = kept[cls] = cls(translation.get_language())
        return found


def _of_the_page(context: Context) -> dict[Any, Any]:
    """Where Django too keeps what all templates of a page share."""
    kept: Any = context.render_context.dicts[0]
    found: dict[Any, Any] = kept
    return found


class Whole(NodeList):
    """All parts of a template. The page itself looks anew where it is, also when its context has
    been used before; a template inside it does so when the language has changed meanwhile.
    """

    def __init__(self, nodes: NodeList) -> None:
        super().__init__(nodes)
        self.contains_nontext = nodes.contains_nontext
        self.blocks: list[Node] | None = None

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        """Each page that extends this template asks for its blocks: always the same ones."""
        if nodetype is not BlockNode:
            return super().get_nodes_by_type(nodetype)
        if self.blocks is None:
            self.blocks = super().get_nodes_by_type(nodetype)
        return self.blocks

    def render(self, context: Context) -> SafeString:
        language = translation.get_language()
        is_inside = len(context.render_context.dicts) > OUTERMOST
        if is_inside and Here.of(context).language == language:
            return super().render(context)
        with _elsewhere(context, Here(language)):
            return super().render(context)


# For each template inside a template Django puts one state on top of the others.
OUTERMOST = 2


class Spoken(LanguageNode):
    """`{% language %}`."""

    def __init__(self, node: LanguageNode) -> None:
        super().__init__(node.nodelist, node.language)

    def render(self, context: Context) -> SafeString:
        language = self.language.resolve(context)
        with translation.override(language), _elsewhere(context, Here(language)):
            return self.nodelist.render(context)


@contextmanager
def _elsewhere(context: Context, here: Here) -> Iterator[None]:
    kept = _of_the_page(context)
    before = kept.get(Here)
    kept[Here] = here
    try:
        yield
    finally:
        kept[Here] = before


# What is always the same in a language


def constant(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks the function of a tag that writes the same whenever its words are the same."""
    function.is_constant = True  # type: ignore[attr-defined]
    return function


def is_fixed(node: Node) -> bool:
    """Whether the part writes the same text each time, but for the language."""
    if isinstance(node, TextNode | Fixed):
        return True
    if isinstance(node, TranslateNode):
        return not node.asvar and _is_literal_text(node)
    if isinstance(node, URLNode):
        return not (node.args or node.kwargs or node.asvar) and is_literal(node.view_name)
    if isinstance(node, StaticNode):
        return not node.varname and is_literal(node.path)
    if isinstance(node, SimpleNode):
        told = [*node.args, *node.kwargs.values()]
        is_plain = not node.takes_context and node.target_var is None
        return is_plain and hasattr(node.func, "is_constant") and all(map(is_literal, told))
    return False


def is_literal(told: FilterExpression) -> bool:
    """Words or a number that stand in the template, without a filter."""
    var = told.var
    return not told.filters and (not isinstance(var, Variable) or var.lookups is None)


def _is_literal_text(node: TranslateNode) -> bool:
    context = node.message_context
    return is_literal(node.filter_expression) and (context is None or is_literal(context))


def _parts(node: Node) -> Sequence[Node]:
    return node.parts if isinstance(node, Fixed) else [node]


def _fixed(node: Node) -> Node:
    """Text alone needs no language."""
    parts = _parts(node)
    texts = [part.s for part in parts if isinstance(part, TextNode)]
    if len(texts) == len(parts):
        return TextNode("".join(texts))
    return node if isinstance(node, Fixed) else Fixed(parts)


class Fixed(Node):
    """Parts that stand side by side and are always the same: written once per language, and once
    per root of the site's addresses where there is one among them.
    """

    child_nodelists = ()

    def __init__(self, parts: Sequence[Node]) -> None:
        self.parts = parts
        self.has_address = any(isinstance(part, URLNode | StaticNode) for part in parts)
        self.written: dict[Any, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        here = Here.of(context)
        key: Any = (here.language, *here.root) if self.has_address else here.language
        found = self.written.get(key)
        if found is None:
            text = "".join([str(part.render_annotated(context)) for part in self.parts])
            found = self.written[key] = SafeString(text)
        return found


class FixedWords(TranslateNode):
    """`{% translate "…" as name %}`."""

    asvar: str

    def __init__(self, node: TranslateNode) -> None:
        super().__init__(node.filter_expression, node.noop, node.asvar, node.message_context)
        self.written: dict[str | None, Any] = {}

    def render(self, context: Context) -> SafeString:
        language = Here.of(context).language
        if language not in self.written:
            super().render(context)
            self.written[language] = context[self.asvar]
        context[self.asvar] = self.written[language]
        return SafeString("")


def _words(node: TranslateNode) -> Node | None:
    return FixedWords(node) if node.asvar and _is_literal_text(node) else None


# Sentences


class Sentence(BlockTranslateNode):
    """`{% blocktranslate %}`: its message is put together once, and its values come straight from
    where they are, without a context of their own.
    """

    def __init__(self, node: BlockTranslateNode) -> None:
        self.__dict__.update(node.__dict__)
        self.messages: dict[str | None, str] = {}
        self.one = node.render_token_list(node.singular)
        self.many = node.render_token_list(node.plural) if node.plural else ("", [])

    def render_token_list(self, tokens: Any) -> Any:
        told, names = self.many if tokens is self.plural else self.one
        return told, list(names)

    def render(self, context: Context, nested: bool = False) -> SafeString:
        if nested or self.plural or self.message_context:
            return SafeString(super().render(context, nested))
        names = self.one[1]
        values = {name: self._value(name, context) for name in names}
        try:
            told = SafeString(self._message(context) % values)
        except (KeyError, ValueError):
            return SafeString(super().render(context, nested))
        if not self.asvar:
            return told
        context[self.asvar] = told
        return SafeString("")

    def _message(self, context: Context) -> str:
        language = Here.of(context).language
        if language not in self.messages:
            self.messages[language] = translation.gettext(self.one[0])
        return self.messages[language]

    def _value(self, name: str, context: Context) -> str:
        given = self.extra_context.get(name)
        value = given.resolve(context) if given else context.get(name, "")
        return written(value, context)


# Addresses


def root() -> tuple[str, str]:
    """What all addresses depend on; the same while a site runs."""
    return get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()


def address(name: str, *numbers: int) -> str:
    """The address of a page, as `reverse` gives it, with the numbers of rows put in."""
    return _address_at(root(), name, numbers)


def _address_at(root: tuple[str, str], name: str, numbers: Sequence[int]) -> str:
    pieces = _pieces(name, len(numbers), *root)
    if pieces is None or not all(type(number) is int and number >= 0 for number in numbers):
        return reverse(name, args=numbers)
    found = pieces[0]
    for number, piece in zip(numbers, pieces[1:], strict=True):
        found += f"{number}{piece}"
    return found


@lru_cache(maxsize=1024)
def _pieces(name: str, count: int, _urlconf: str, _prefix: str) -> list[str] | None:
    """What stands around the numbers of an address, if they stand in it as they are, in order."""
    numbers = [SOME_NUMBER + n for n in range(count)]
    try:
        left = reverse(name, args=numbers)
    except NoReverseMatch:
        return None
    pieces = []
    for number in numbers:
        piece, found, left = left.partition(str(number))
        if not found:
            return None
        pieces.append(piece)
    return [*pieces, left]


class Address(URLNode):
    """`{% url "name" row.pk %}`."""

    def __init__(self, node: URLNode, name: str) -> None:
        super().__init__(node.view_name, node.args, node.kwargs, node.asvar)
        self.name = name

    def render(self, context: Context) -> SafeString:
        numbers = [told.resolve(context) for told in self.args]
        if any(type(number) is not int for number in numbers):
            return SafeString(super().render(context))
        try:
            found = SafeString(_address_at(Here.of(context).root, self.name, numbers))
        except NoReverseMatch:
            return SafeString(super().render(context))
        if not self.asvar:
            return found
        context[self.asvar] = found
        return SafeString("")


def _address(node: URLNode) -> Node | None:
    if node.kwargs or not (node.args or node.asvar) or not is_literal(node.view_name):
        return None
    return Address(node, str(node.view_name.resolve(Context())))


# Values


class Value(VariableNode):
    """`{{ value }}`: text, which most values are, needs no look at its kind."""

    def render(self, context: Context) -> SafeString:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:
            return SafeString("")
        return written(value, context)


def written(value: Any, context: Context) -> SafeString:
    """As Django writes it."""
    kind = type(value)
    if kind is SafeString:
        found: SafeString = value
        return found
    if kind is str:
        return SafeString(escape(value) if context.autoescape else value)
    if kind is int and not settings.USE_THOUSAND_SEPARATOR:
        return SafeString(value)
    if isinstance(value, Promise):
        return written(str(value), context)
    return SafeString(render_value_in_context(value, context))


class Tag(SimpleNode):
    """A tag that writes what a function gives: safe text, as a rule, which is written as it is."""

    def __init__(self, node: SimpleNode) -> None:
        super().__init__(node.func, node.takes_context, node.args, node.kwargs, node.target_var)

    def render(self, context: Context) -> SafeString:
        args = [told.resolve(context) for told in self.args]
        kwargs = {name: told.resolve(context) for name, told in self.kwargs.items()}
        output = self.func(*args, **kwargs)
        if self.target_var is not None:
            context[self.target_var] = output
            return SafeString("")
        if context.autoescape and type(output) is not SafeString:
            output = conditional_escape(output)
        found: SafeString = output
        return found


class Constant(FilterExpression):
    """Words or a number that stand in the template, without a filter."""

    __slots__ = ("value",)

    def __init__(self, told: FilterExpression) -> None:
        self.token, self.filters, self.var = told.token, [], told.var
        self.is_var = isinstance(told.var, Variable)
        self.value = told.resolve(Context())

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:
        return self.value


class Plain(FilterExpression):
    """`row.name`, without a filter."""

    __slots__ = ()

    def __init__(self, told: FilterExpression) -> None:
        self.token, self.filters, self.is_var = told.token, [], True
        self.var = Quick(told.var)

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:
        try:
            return self.var._resolve_lookup(context)  # noqa: SLF001
        except VariableDoesNotExist:
            return None if ignore_failures else super().resolve(context)


class Quick(Variable):
    """`row.name`: straight to the attribute of an object that has no items. What is not found that
    way is looked for in Django's.
    """

    __slots__ = ("first", "others")

    def __init__(self, var: Variable) -> None:
        super().__init__(var.var)
        self.translate, self.message_context = var.translate, var.message_context
        self.first, *self.others = self.lookups or ()

    def _resolve_lookup(self, context: Any) -> Any:
        found, name = context, self.first
        try:
            found = context[name]
            if callable(found):
                return self._as_django(context)
            for name in self.others:
                kind: Any = type(found)
                found = found[name] if has_items(kind) else getattr(found, name)
                if callable(found):
                    return self._as_django(context)
        except Exception as error:
            if self._is_missing(name, found, context, error):
                raise VariableDoesNotExist(MISSING, (name, found)) from None  # type: ignore[arg-type]
            return self._as_django(context)  # whatever it is, Django says it in its way
        return found

    @staticmethod
    def _is_missing(name: str, found: Any, context: Any, error: Exception) -> bool:
        """Whether it is certain that there is nothing. Pages ask for much that is not there, and to
        look for it everywhere takes long.
        """
        kind: Any = type(found)
        if found is context:
            return isinstance(error, KeyError) and not hasattr(kind, name)
        is_bare = isinstance(error, AttributeError) and not has_items(kind)
        return is_bare and hasattr(found, "__dict__") and not hasattr(kind, name)

    def _as_django(self, context: Any) -> Any:
        return super()._resolve_lookup(context)  # type: ignore[misc]


@lru_cache(maxsize=512)
def has_items(kind: Any) -> bool:
    """Lists and tuples have numbers and no names."""
    return hasattr(kind, "__getitem__") and not issubclass(kind, list | tuple)


MISSING = "Failed lookup for key [%s] in %r"


def quicken(part: Node | TokenBase) -> None:
    """Let all that a part looks up be looked up quickly; words to be translated are told so each
    time that they are written, and stay as they are.
    """
    if isinstance(part, TranslateNode):
        return
    for name, value in list(vars(part).items()):
        quick = _quick(value)
        if quick is not value:
            setattr(part, name, quick)


def _quick(value: Any) -> Any:
    """The value, or what stands in its place."""
    kind = type(value)
    if kind is FilterExpression:
        return _quick_expression(value)
    if isinstance(value, TokenBase):
        quicken(value)
    elif kind is dict:
        return {key: _quick(one) for key, one in value.items()}
    elif kind in (list, tuple):
        return kind(map(_quick, value))
    return value


def _quick_expression(told: FilterExpression) -> FilterExpression:
    var = told.var
    if type(var) is not Variable or var.lookups is None:
        return told if told.filters or getattr(var, "translate", False) else Constant(told)
    if var.translate:
        return told
    if not told.filters:
        return Plain(told)
    told.var = Quick(var)
    return told


LIGHT: dict[type[Node], Callable[[Any], Node | None]] = {
    TranslateNode: _words,
    BlockTranslateNode: Sentence,
    URLNode: _address,
    VariableNode: lambda node: Value(node.filter_expression),
    LanguageNode: Spoken,
    SimpleNode: lambda node: None if node.takes_context else Tag(node),
}
