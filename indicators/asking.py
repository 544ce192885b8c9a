"""What is asked of the departments (发表范围): the forms and items that the indicators in force need, and no others."""

from __future__ import annotations

from .form_model import Form, Item
from .forms import needed_items
from .loader import Library
from .model import Indicator
from .sql import columns_read


def users_of(form: Form, library: Library) -> tuple[Indicator, ...]:
    """The indicators in force that need the form."""

    def needs(indicator: Indicator) -> bool:
        beside = (form.kind == "survey" and indicator.survey) or (
            form.kind == "tickets" and indicator.tickets
        )
        return form.input in indicator.measure.inputs or bool(beside)

    return tuple(indicator for indicator in library.indicators if needs(indicator))


def forms_asked(library: Library) -> tuple[Form, ...]:
    """The forms that some indicator in force needs, in the order of the sets."""
    return tuple(form for form in library.forms.values() if users_of(form, library))


def items_asked(form: Form, library: Library) -> tuple[Item, ...]:
    """The items of a form to be filled in; of answers and tickets all."""
    return form.item if form.kind in ("survey", "tickets") else needed_items(form, library.indicators)


def users_of_item(form: Form, item: Item, library: Library) -> tuple[Indicator, ...]:
    """The indicators in force that read an item."""
    return tuple(i for i in library.indicators if item.name in columns_read(i.measure).get(form.input, set()))
