"""What numbers rest on, in words: how many runs, fitted to what, what they cannot tell, what moves them most."""

import textwrap

from experiments.extensions import other_rules
from experiments.results import Results
from experiments.summary import strongest_by
from experiments.uncertainty import LEAST, Strong, Uncertainty
from experiments.wording.amounts import counted

TOO_FEW = "too few runs to say"
WIDTH = 116


def runs_words(results: Results, one: str = "run", many: str = "runs") -> str:
    """How many runs, and what differs between them."""
    runs = counted(len(results.runs), one, many)
    if results.draws is None:
        return f"{runs}, by luck alone" if len(results.runs) > 1 else runs
    return f"{runs} with {counted(results.independent, 'draw', 'draws')} of the parameters"


def is_few(results: Results) -> bool:
    """Whether there are too few independent runs for an interval."""
    return results.independent < LEAST


def brackets(results: Results, differences: bool = False) -> str:
    """What the brackets behind numbers mean, as a sentence; ``differences``: paired differences are among them."""
    if len(results.runs) == 1:
        doubt = "is luck" if results.draws is None else "is luck or doubt about parameters"
        return f"One run: how much of it {doubt} is not known; more --seeds show it."
    if is_few(results):
        what = "runs" if results.draws is None else "draws"
        return (
            f"No intervals and no chance: they take {LEAST} independent {what}, these are {results.independent} "
            "(more --seeds)."
        )
    if results.draws is None:
        other = ", for differences that of their mean" if differences else ""
        return f"In brackets: 5th to 95th percentile of runs; for the chance its 95% interval{other}. Luck alone."
    return (
        "In brackets: 5th to 95th percentile of runs, doubt about parameters and luck together; for the chance its 95% "
        "interval."
    )


def rests_on(results: Results) -> str:
    """What the numbers rest on, as a sentence that may be quoted."""
    if whose := other_rules():
        first = f"rules of {whose} that are not the model's own: NOT calibrated"
        return f"{first}; and on {_parameters(results)}"
    return _parameters(results)


def _parameters(results: Results) -> str:
    ensemble, plan = results.ensemble, results.plan
    if ensemble.kind is Uncertainty.LUCK:
        return (
            "the declared values of all parameters, as if they were known: doubt about them is larger than luck and "
            "not in these numbers (--uncertainty posterior)."
        )
    drawn = len(results.runs[0].future.parameters) if results.runs and results.runs[0].future else 0
    draws = f"{counted(results.independent, 'draw', 'draws')} of {drawn} parameters"
    posterior = ensemble.posterior
    if posterior is None:
        reason = f" ({plan.country} has no posterior)" if ensemble.note else ""
        return f"{draws}, each for itself over its declared range{reason}: fitted to no fact, so not calibrated."
    facts = counted(posterior.facts_used, "fact", "facts")
    if posterior.is_stale:
        again = posterior.about.get("command", "injae calibrate")
        return (
            f"{draws}, fitted to {facts} before model or data changed: NOT calibrated as they are now (rebuild the "
            f"posterior: {again})."
        )
    return f"{draws}, fitted together to {facts} (posterior {posterior.identity}, data/{posterior.country})."


def cannot_tell(results: Results) -> str:
    """What the numbers cannot tell, as a sentence."""
    fitted = " what no fact was held against," if results.ensemble.is_calibrated else ""
    return f"rules that are wrong or missing (docs/model.md, 11),{fitted} and policies or shocks that nobody set."


def strongest_lines(results: Results) -> list[str]:
    """The parameters that would narrow the answer most if they were known better, a line each; none if not known."""
    plan = results.plan
    words = {
        "programme_graduates_by_target_date": f"experts by {plan.target.date}",
        "specialists_at_end": f"specialists in {plan.date_of(plan.months)}",
        "adoption_share_at_end": f"hospitals using AI in {plan.date_of(plan.months)}",
    }
    lines = []
    for name, strong in strongest_by(results).items():
        lines.append(f"{words[name]}:")
        lines += [f"  {_strong_words(one)}" for one in strong]
    return lines


def _strong_words(one: Strong) -> str:
    sense = "more" if one.correlation > 0 else "less"
    source = textwrap.shorten(one.source, 48, placeholder="...")
    return f"{sense} with {one.path} ({one.correlation:+z.2f}): {one.meaning}; source {source}"


def ensemble_lines(results: Results) -> list[str]:
    """What numbers rest on, what they cannot tell, and what moves them most, ready to be printed."""
    lines = [*_wrapped("Rests on", rests_on(results)), *_wrapped("Cannot tell", cannot_tell(results))]
    strong = strongest_lines(results)
    if strong:
        lines.append("  What moves the numbers most (rank correlation with the parameter, over draws; its source):")
        lines += [f"    {line}" for line in strong]
    elif results.draws is not None and is_few(results):
        lines.append(f"  What moves the numbers most is not known from fewer than {LEAST} draws.")
    return lines


def _wrapped(head: str, text: str) -> list[str]:
    indent = " " * 25
    first, *rest = textwrap.wrap(text, WIDTH - len(indent), break_long_words=False)
    return [f"  {head:<22} {first}", *(indent + line for line in rest)]
