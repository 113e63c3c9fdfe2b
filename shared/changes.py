"""Changing a part of something: what is said replaces what is there, what is not said stays (RFC 7396)."""

from copy import copy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import PydanticUndefined

from shared.fields import Document
from shared.refusals import refusal

Model = TypeVar("Model", bound=BaseModel)


def changes_of(model: type[Document], name: str, *, fixed: frozenset[str] = frozenset()) -> type[Document]:
    """A document of the same fields, each of which may be left out; `fixed` ones are not to be changed."""
    fields: dict[str, Any] = {}
    for field, told in model.model_fields.items():
        if field not in fixed:
            may_be_left_out = copy(told)
            may_be_left_out.default, may_be_left_out.default_factory = PydanticUndefined, _not_said
            fields[field] = (told.annotation, may_be_left_out)
    return create_model(name, __base__=Document, __doc__="What is left out stays as it is.", **fields)


def merged(model: type[Model], there: BaseModel, changes: BaseModel) -> Model:
    """What is there with the changes, as `model` has it. Raises InvalidRequest when that cannot be."""
    values = {name: getattr(there, name) for name in model.model_fields}
    said = {name: getattr(changes, name) for name in changes.model_fields_set}
    try:
        return model.model_validate(_plain({**values, **said}))
    except ValidationError as error:
        raise refusal(error) from None


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Documents inside are looked at anew: what is there may never have been."""
    return {
        name: value.model_dump(by_alias=True) if isinstance(value, BaseModel) else value
        for name, value in values.items()
    }


def _not_said() -> Any:
    return None
