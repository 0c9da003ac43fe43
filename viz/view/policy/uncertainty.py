"""Uncertainty of an answer: which layers differ between its runs, what its numbers rest on, which brings most."""

from typing import Any

from injae.experiments.uncertainty import LEAST, Uncertainty, variants
from injae.experiments.wording.amounts import date, gap
from injae.experiments.wording.titles import parameter
from injae.model.record import SERIES
from injae.viz.view.runs import Answer
from injae.viz.view.words import word


def uncertainty_of(answer: Answer) -> dict[str, Any]:
    """What differs between the runs, what numbers rest on, and which layer brings most uncertainty."""
    layers, lang, verdict = answer.state.layers, answer.state.lang, answer.uncertainty
    on = [word(f"ui.{name}", lang) for name, is_on in layers._asdict().items() if is_on]
    text = word("uncertainty.on", lang, layers=", ".join(on)) if on else word("uncertainty.single", lang)
    if verdict is not None:
        text = " ".join([text, *_verdict(answer)])
    return {
        **layers._asdict(),
        "text": text,
        "brackets": _brackets(answer, on),
        "rests": _rests(answer),
        "sd": verdict.sd if verdict else None,
        "largest": verdict.largest if verdict else None,
    }


def _brackets(answer: Answer, on: list[str]) -> str:
    """What brackets and bands hold; that there are none from so few runs; empty for a single run."""
    lang, policy = answer.state.lang, answer.policy
    if not on or not policy.runs:
        return ""
    if policy.independent < LEAST:
        return word("uncertainty.few", lang, runs=policy.independent, least=LEAST)
    inner = (
        "uncertainty.brackets_aleatory"
        if policy.draws is not None and answer.state.aleatory
        else "uncertainty.brackets"
    )
    return word(inner, lang, layers=", ".join(on))


def _rests(answer: Answer) -> str:
    """What the numbers rest on, in a sentence."""
    lang, ensemble, policy = answer.state.lang, answer.policy.ensemble, answer.policy
    if ensemble.kind is Uncertainty.ALEATORY:
        return word("uncertainty.rests_aleatory", lang)
    facts = {"draws": policy.independent, "facts": ensemble.posterior.facts_used if ensemble.posterior else 0}
    kind = "ranges" if ensemble.posterior is None else "posterior" if ensemble.is_calibrated else "stale"
    return word(f"uncertainty.rests_{kind}", lang, **facts)


def _verdict(answer: Answer) -> list[str]:
    """Which layer brings most uncertainty, and what would have to be known to decide."""
    verdict, state = answer.uncertainty, answer.state
    assert verdict is not None
    lang, of = state.lang, SERIES[state.focus].unit
    sds = ", ".join(
        word("uncertainty.layer_sd", lang, layer=word(f"ui.{name}", lang), sd=gap(sd, of, lang).lstrip("+"))
        for name, sd in sorted(verdict.sd.items(), key=lambda item: -item[1])
    )
    first = word(
        "uncertainty.largest_effect" if verdict.is_effect else "uncertainty.largest",
        lang,
        date=date(answer.policy.plan.date_of(state.date_month), lang),
        series=word(f"series.{state.focus}", lang),
        largest=word(f"ui.{verdict.largest}", lang),
        sds=sds,
    )
    if verdict.largest == "aleatory":
        return [first, word("uncertainty.decide_aleatory", lang)]
    if verdict.largest == "structural":
        decide = next((v.decide[lang] for v in variants() if v.name == verdict.furthest), "")
        return [first, word("uncertainty.decide_structural", lang, what=decide)]
    if not verdict.strong:
        return [first, word("uncertainty.decide_spread", lang)]
    names = [
        f"{parameter(one.path, lang, answer.policy.plan.country)} ({one.correlation:+z.2f})" for one in verdict.strong
    ]
    return [first, word("uncertainty.decide_parametric", lang, what="; ".join(names))]
