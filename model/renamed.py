"""Names that were changed in version 0.1: the old ones are still read, with a note, until version 0.2."""

import functools
import logging
import re

log = logging.getLogger("injae")

_PARAMETERS = {
    "decision_chance_per_month": "decision_probability_per_month",
    "teacher_hire_chance_per_month": "teacher_hire_probability_per_month",
}
_OUTCOMES = {
    "chance_of_target": "probability_of_target",
    "luck_high": "aleatory_high",
    "luck_low": "aleatory_low",
    "months_to_fill": "vacancy_duration_months",
    "months_to_fill_years_2_to_5": "vacancy_duration_months_years_2_to_5",
    "shortage_rate": "vacancy_rate",
    "shortage_rate_at_target_date": "vacancy_rate_at_target_date",
    "shortage_rate_year_2": "vacancy_rate_year_2",
    "shortage_rate_years_1_and_2": "vacancy_rate_years_1_and_2",
}
_LAYERS = {"luck": "aleatory", "unsure": "parametric", "variants": "structural"}  # of uncertainty; words of their own
RENAMED = _PARAMETERS | _OUTCOMES | _LAYERS
_IN_TEXT = re.compile(rf"(?<!\w)({'|'.join(_PARAMETERS | _OUTCOMES)})(?!\w)|(?<=\"kind\": \")luck(?=\")")


def current(name: str) -> str:
    """The present name of what was called so; any other name as it is."""
    if name not in RENAMED:
        return name
    _note(name)
    return RENAMED[name]


def with_current_names(text: str) -> str:
    """A text (an option, a path, a document) in which parameters and outcomes have their present names."""
    return _IN_TEXT.sub(lambda found: current(found[0]), text)


@functools.cache
def _note(name: str) -> None:
    log.warning("note: %s is called %s now; the old name is read until version 0.2", name, RENAMED[name])
