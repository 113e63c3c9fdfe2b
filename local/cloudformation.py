"""The language of the template: YAML with CloudFormation's tags, and its intrinsic functions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from local.errors import UnsupportedTemplate

# What `!Ref AWS::NoValue` means: the property or list entry is as good as absent.
NO_VALUE: Final = object()

PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class _Loader(yaml.SafeLoader):
    """Reads `!Sub x` as {"Fn::Sub": x}, as CloudFormation does."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_object(yaml.ScalarNode("tag:yaml.org,2002:str", node.value))
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def read_yaml(text: str) -> dict[str, Any]:
    document = yaml.load(text, _Loader)  # noqa: S506  (a SafeLoader with more tags)
    if not isinstance(document, dict):
        raise UnsupportedTemplate("the document", "is not a mapping")
    return document


@dataclass(frozen=True)
class Resolver:
    """Replaces intrinsics by what they stand for in this run.

    `references` are the values of `!Ref` (parameters, resources, pseudo parameters), `attributes`
    those of `!GetAtt`, by (logical id, attribute).
    """

    references: Mapping[str, Any]
    attributes: Mapping[tuple[str, str], str]
    conditions: Mapping[str, Any]

    def resolve(self, value: Any, place: str) -> Any:
        if isinstance(value, list):
            resolved = [self.resolve(item, f"{place}[{index}]") for index, item in enumerate(value)]
            return [item for item in resolved if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self.call(name, argument, place)
        mapped = {key: self.resolve(item, f"{place}.{key}") for key, item in value.items()}
        return {key: item for key, item in mapped.items() if item is not NO_VALUE}

    def call(self, name: str, argument: Any, place: str) -> Any:
        function = INTRINSICS.get(name)
        if function is None:
            raise UnsupportedTemplate(place, f"{name} is not known here")
        try:
            return function(self, argument, f"{place}.{name}")
        except (TypeError, ValueError, IndexError, AttributeError) as error:
            raise UnsupportedTemplate(place, f"{name} does not fit: {error}") from error

    def reference(self, name: Any, place: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name not in self.references:
            raise UnsupportedTemplate(place, f"{name} has no value in this run")
        return self.references[name]

    def attribute(self, path: Any, place: str) -> str:
        logical_id, attribute = path
        found = self.attributes.get((logical_id, attribute))
        if found is None:
            raise UnsupportedTemplate(place, f"{logical_id}.{attribute} has no value in this run")
        return found

    def holds(self, condition: Any, place: str) -> bool:
        """`condition` is a name, {"Condition": name} or one of the condition functions."""
        if isinstance(condition, dict) and list(condition) == ["Condition"]:
            condition = condition["Condition"]
        if isinstance(condition, str):
            if condition not in self.conditions:
                raise UnsupportedTemplate(place, f"no condition {condition}")
            return self.holds(self.conditions[condition], f"Conditions.{condition}")
        return bool(self.resolve(condition, place))

    def substitute(self, argument: Any, place: str) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        values = self.resolve(own, place)

        def value_of(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return "${" + name + "}"
            if name in values:
                return str(values[name])
            if "." in name:
                return self.attribute(name.split(".", 1), place)
            return str(self.reference(name, place))

        return PLACEHOLDER.sub(value_of, text)

    def join(self, argument: Any, place: str) -> str:
        separator, items = argument
        return str(separator).join(str(item) for item in self.resolve(items, place))

    def split(self, argument: Any, place: str) -> list[str]:
        separator, text = self.resolve(argument, place)
        return str(text).split(separator)

    def select(self, argument: Any, place: str) -> Any:
        index, items = self.resolve(argument, place)
        return items[int(index)]

    def choose(self, argument: Any, place: str) -> Any:
        condition, yes, no = argument
        return self.resolve(yes if self.holds(condition, place) else no, place)

    def equals(self, argument: Any, place: str) -> bool:
        left, right = self.resolve(argument, place)
        return str(left) == str(right)


INTRINSICS: Mapping[str, Callable[[Resolver, Any, str], Any]] = {
    "Ref": Resolver.reference,
    "Fn::GetAtt": Resolver.attribute,
    "Fn::Sub": Resolver.substitute,
    "Fn::Join": Resolver.join,
    "Fn::Split": Resolver.split,
    "Fn::Select": Resolver.select,
    "Fn::If": Resolver.choose,
    "Fn::Equals": Resolver.equals,
    "Fn::Not": lambda resolver, argument, place: not resolver.holds(argument[0], place),
    "Fn::And": lambda resolver, argument, place: all(resolver.holds(item, place) for item in argument),
    "Fn::Or": lambda resolver, argument, place: any(resolver.holds(item, place) for item in argument),
}
