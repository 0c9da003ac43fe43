"""Title, description and picture of a link, as chat programs and newspapers show them (https://ogp.me).

Nothing is simulated for a preview: a picture has numbers where the server still knows the finished answer, as after
somebody has looked at what is shared; else it says what the policy is.
"""

import io
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import NamedTuple

from injae.experiments.wording.spoken import speaking_of
from injae.viz.view.drawing import drawable, style
from injae.viz.view.policy.payload import board, title_of_state
from injae.viz.view.policy.sentences import differences
from injae.viz.view.runs import Answer, desk
from injae.viz.view.sharing.card import SIZE, card
from injae.viz.view.state import ViewState, language_of
from injae.viz.view.visitor import read_link
from injae.viz.view.words import word

PICTURE = "preview.png"  # its address, below that of the pages
DESCRIPTION_MAX = 300  # characters; programs cut longer ones anywhere
PICTURES_MAX = 64  # kept, some 60 kB each


class Asked(NamedTuple):
    """A request for a page: its address without query, and the query."""

    address: str
    query: str
    accepted: str | None = None  # languages of the browser


def state_of(asked: Asked) -> ViewState:
    """What a link opens; what cannot be used of it is left out."""
    return read_link(f"?{asked.query}", language_of(asked.accepted))[0]


def title_of(state: ViewState) -> str:
    """Title of the scenario, marked where it was changed."""
    return title_of_state(state, state.scenario())


def tags(asked: Asked) -> str:
    """Elements for the head of a page."""
    state = state_of(asked)
    title = f"{title_of(state)} · {word('ui.name', state.lang)}"
    text = " ".join(filter(None, [word("ui.question", state.lang), differences(state)]))
    text = text if len(text) <= DESCRIPTION_MAX else f"{text[: DESCRIPTION_MAX - 1]}…"
    root = asked.address.rpartition("/")[0]
    content = {
        "og:type": "website",
        "og:site_name": word("ui.name", state.lang),
        "og:title": title,
        "og:description": text,
        "og:locale": "ko_KR" if state.lang == "ko" else "en_US",
        "og:url": f"{asked.address}{state.link()}",
        "og:image": f"{root}/{PICTURE}{state.link()}",
        "og:image:type": "image/png",
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
        "og:image:alt": title,
    }
    named = {"description": text, "twitter:card": "summary_large_image"}
    lines = [f'<meta property="{name}" content="{escape(value)}">' for name, value in content.items()]
    return "\n".join([*lines, *(f'<meta name="{name}" content="{escape(value)}">' for name, value in named.items())])


def picture(asked: Asked) -> bytes:
    """The picture of a link, as PNG."""
    state = state_of(asked)
    answer = desk().known(state)
    root = asked.address.rpartition("/")[0]
    return _picture(state, f"{root}/{state.link()}", answer.receipt if answer else "")


@lru_cache(PICTURES_MAX)
def _picture(state: ViewState, link: str, receipt: str) -> bytes:
    answer: Answer | None = desk().known(state) if receipt else None
    lang = drawable(state.lang)
    content = board(answer, lang) if answer else None
    file = io.BytesIO()
    with style(lang), speaking_of(state.country):
        figure = card(title_of(state), differences(state), content, lang, link)
        figure.savefig(file, format="png", metadata={"Title": title_of(state), "Software": None})
    return file.getvalue()


def absolute(scheme: str, headers: Mapping[str, str], root_path: str, path: str) -> str:
    """Address of a page as the asker sees it."""
    host = headers.get("x-forwarded-host", headers.get("host", "localhost")).split(",")[0].strip()
    return f"{headers.get('x-forwarded-proto', scheme).split(',')[0].strip()}://{host}{root_path}/{path.strip('/')}"
