"""A link's answer for an article: ``?embed=1`` is a page of its own without scripts, which any site may frame.

It has the question, the answer in a sentence and the picture of the link (``preview.py``); ``?embed=answer`` leaves the
picture out. What no visitor has asked for yet is computed first, for one at a time: whoever comes meanwhile gets the
scenario in words, and the answer when they come again.
"""

import threading
from html import escape
from urllib.parse import parse_qsl

from injae.viz.view.policy import opening
from injae.viz.view.policy.payload import board, stored_board
from injae.viz.view.runs import Answer, desk
from injae.viz.view.sharing.preview import PICTURE, Asked, state_of, title_of
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

COMPUTING = threading.Lock()
KEY, KINDS = "embed", ("1", "answer")
POLICY = b"default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors *"
LOOK = (
    ":root{color-scheme:light dark}body{font:16px/1.5 Pretendard,'Noto Sans KR','Malgun Gothic',sans-serif;margin:16px;"
    "max-width:1200px}h1{font-size:15px;font-weight:600;opacity:.75;margin:0}p{margin:6px 0}.lead{font-size:20px}"
    "small{opacity:.75}img{width:100%;height:auto;border-radius:8px;background:#fff}"
)


def wanted(query: str) -> str:
    """Kind of embedding that a query asks for; empty for none."""
    value = dict(parse_qsl(query)).get(KEY, "")
    return value if value in KINDS else ""


def embedded(asked: Asked) -> bytes:
    """The page, as UTF-8."""
    state = state_of(asked)
    lang, link = state.lang, state.link()
    answer = desk().known(state) or _computed(state)
    content = board(answer) if answer else stored_board(lang) if opening.is_default(state) else None
    root = asked.address.rpartition("/")[0]
    title, said = title_of(state), content["opening"] if content and content["charts"] else ""
    picture = f'<img src="{escape(f"{root}/{PICTURE}{link}")}" alt="{escape(said or title)}">'
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<link rel="icon" href="{escape(root)}/static/assets/favicon.svg">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{LOOK}</style></head><body><main>'
        f'<h1>{escape(word("ui.question", lang))}</h1><p class="lead">{escape(said)}</p>'
        f"{picture if wanted(asked.query) == '1' else ''}"
        f"<p><small>{escape(opening.note(content, lang))} {escape(word('share.caveat', lang))} "
        f'<a href="{escape(asked.address + link)}" target="_blank" rel="noopener">{escape(word("ui.name", lang))}: '
        f"{escape(title)}</a></small></p></main></body></html>"
    ).encode()


def _computed(state: ViewState) -> Answer | None:
    """The answer with all runs, without what tells why; None while another is being computed."""
    if not COMPUTING.acquire(blocking=False):
        return None
    try:
        return _asked_of_all(state)
    finally:
        COMPUTING.release()


def _asked_of_all(state: ViewState) -> Answer | None:
    found: list[Answer] = []
    enough = threading.Event()

    def take(answer: Answer) -> None:
        found.append(answer)
        if len(answer.policy.runs) >= answer.wanted:
            enough.set()

    desk().ask(state, take, enough)
    return found[-1] if found and found[-1].policy.runs else None
