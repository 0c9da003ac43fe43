"""What a browser gets for an address that names no screen: a kind page in the reader's language, with the way home."""

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qs

from injae.viz.view.state import LANGUAGES, language_of
from injae.viz.view.words import word

SCREENS = {"": "policy", "compare": "compare", "results": "results", "inside": "inside", "lessons": "lessons"}
PAGES = (*SCREENS, "lab")  # the address of each screen of ``app.py``
PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {name}</title><style>
body {{ margin: 0; background: #F7F8FA; color: #111827; font: 16px/1.6 Pretendard, "Noto Sans KR", sans-serif; }}
header, main {{ max-width: 640px; margin: 0 auto; padding: 20px; word-break: keep-all; }}
main {{ background: #fff; border: 1px solid #E5E7EB; border-radius: 8px; }}
h1 {{ font-size: 20px; margin: 0 0 8px; }} a {{ color: #0072B2; }}
nav a {{ display: inline-block; padding: 8px 16px 8px 0; }}
</style></head><body><header><a href="{home}"><b>{name}</b></a></header>
<main><h1>{title}</h1><p>{text}</p><p><a href="{home}">{back}</a></p><nav>{links}</nav></main></body></html>
"""


def lost_page(headers: Mapping[str, str], query: str, root_path: str) -> bytes:
    """The page, as UTF-8; ``headers`` of the request in lower case."""
    asked = parse_qs(query).get("lang", [""])[0]
    lang = asked if asked in LANGUAGES else language_of(headers.get("accept-language"))
    links = {path: f"{escape(root_path, quote=True)}/{path}?lang={lang}" for path in SCREENS}
    names = [f'<a href="{links[path]}">{word(f"ui.{name}_screen", lang)}</a>' for path, name in SCREENS.items()]
    return PAGE.format(
        lang=lang,
        name=word("ui.name", lang),
        title=word("ui.lost_title", lang),
        text=word("ui.lost_text", lang),
        back=word("ui.trouble_home", lang),
        home=links[""],
        links="".join(names),
    ).encode()
