"""What numbers rest on, in words: how many runs, fitted to what, what they cannot tell, what moves them most."""

import textwrap

from injae.experiments.extensions import other_rules
from injae.experiments.results import Results
from injae.experiments.summary import strongest_by
from injae.experiments.uncertainty import LEAST, Strong, Uncertainty
from injae.viz.answers.words import counted, say

TOO_FEW = "too few runs to say"
WIDTH = 116


def runs_words(results: Results, one: str = "run", many: str = "runs") -> str:
    """How many runs, and what differs between them."""
    runs = counted(len(results.runs), one, many)
    if results.draws is None:
        return say("ensemble.noise_alone", runs=runs) if len(results.runs) > 1 else runs
    return say("ensemble.parameters", runs=runs, independent=counted(results.independent, "draw", "draws"))


def is_few(results: Results) -> bool:
    """Whether there are too few independent runs for an interval."""
    return results.independent < LEAST


def brackets(results: Results, differences: bool = False) -> str:
    """What the brackets behind numbers mean, as a sentence; ``differences``: paired differences are among them."""
    if len(results.runs) == 1:
        uncertainty = "is noise" if results.draws is None else say("ensemble.noise_parametric_uncertainty")
        return say("ensemble.run_how_much", uncertainty=uncertainty)
    if is_few(results):
        what = "runs" if results.draws is None else "draws"
        return say("ensemble.intervals_probability_they", least=LEAST, what=what, results=results)
    if results.draws is None:
        other = say("ensemble.differences_mean") if differences else ""
        return say("ensemble.brackets_th_th", other=other)
    return say("ensemble.brackets_percentiles")


def rests_on(results: Results) -> str:
    """What the numbers rest on, as a sentence that may be quoted."""
    if whose := other_rules():
        first = say("ensemble.rules_model_own", whose=whose)
        return f"{first}; and on {_parameters(results)}"
    return _parameters(results)


def _parameters(results: Results) -> str:
    ensemble, plan = results.ensemble, results.plan
    if ensemble.kind is Uncertainty.ALEATORY:
        return say("ensemble.declared_values_parameters")
    drawn = len(results.runs[0].future.parameters) if results.runs and results.runs[0].future else 0
    draws = f"{counted(results.independent, 'draw', 'draws')} of {drawn} parameters"
    posterior = ensemble.posterior
    if posterior is None:
        reason = say("ensemble.posterior", plan=plan) if ensemble.note else ""
        return say("ensemble.itself_over_declared", draws=draws, reason=reason)
    facts = counted(posterior.facts_used, "fact", "facts")
    if posterior.is_stale:
        again = posterior.about.get("command", "injae calibrate")
        return say("ensemble.fitted_before_model", draws=draws, facts=facts, again=again)
    return say("ensemble.fitted_together_posterior", draws=draws, facts=facts, posterior=posterior)


def cannot_tell(results: Results) -> str:
    """What the numbers cannot tell, as a sentence."""
    fitted = say("ensemble.what_fact_held") if results.ensemble.is_calibrated else ""
    return say("ensemble.rules_wrong_missing", fitted=fitted)


def strongest_lines(results: Results) -> list[str]:
    """The parameters that would narrow the answer most if they were known better, a line each; none if not known."""
    plan = results.plan
    words = {
        "programme_graduates_by_target_date": f"experts by {plan.target.date}",
        "specialists_at_end": f"specialists in {plan.date_of(plan.months)}",
        "adoption_share_at_end": say("ensemble.hospitals_using_ai", date=plan.date_of(plan.months)),
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
        lines.append(say("ensemble.what_moves_numbers"))
        lines += [f"    {line}" for line in strong]
    elif results.draws is not None and is_few(results):
        lines.append(say("ensemble.what_moves_numbers_most", least=LEAST))
    return lines


def _wrapped(head: str, text: str) -> list[str]:
    indent = " " * 25
    first, *rest = textwrap.wrap(text, WIDTH - len(indent), break_long_words=False)
    return [f"  {head:<22} {first}", *(indent + line for line in rest)]
