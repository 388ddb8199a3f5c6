"""What the site needs beyond mkdocs' own, called by mkdocs.yml.

`python -m tools.site_hooks SITE` says which page of a built site would ask another machine for something.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
# Files whose ".zh" is part of their name and not a language of the page: i18n would carry them away.
KEPT: Final = ("seed.zh.txt",)
# What a browser fetches without being asked; links that a reader may follow are not meant.
FETCHED: Final = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"'](?:https?:)?//[^\"']+"
                            r"|<link\b(?![^>]*rel=[\"']?(?:canonical|alternate))[^>]*\bhref=[\"'](?:https?:)?//[^\"']+"
                            r"|@import\s+(?:url\()?[\"']?https?://[^\"')]+")  # fmt: skip

# A line break between two Chinese characters, which a browser would show as a space; and fences, where it is meant.
WRAPPED: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef”’])\n[ ]*(?=[\u3000-\u9fff\uff00-\uffef“‘])")
FENCE: Final = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """mkdocs calls it for every page."""
    return unwrapped(markdown) if page.file.src_uri.endswith(".zh.md") else markdown


def unwrapped(markdown: str) -> str:
    """Chinese paragraphs without the line breaks that they have in the source."""
    return "".join(p if p.startswith("```") else WRAPPED.sub("", p) for p in FENCE.split(markdown))


def on_post_build(config: Any, **_: Any) -> None:
    """mkdocs calls it once every page is written."""
    for name in KEPT:
        shutil.copy(Path(config["docs_dir"]) / name, Path(config["site_dir"]) / name)


def requests_of(site: Path) -> list[str]:
    """Every request to another machine that a page or a style sheet of a built site makes."""
    found = []
    for path in sorted(site.rglob("*")):
        if path.suffix in (".html", ".css"):
            asked = FETCHED.findall(path.read_text(encoding="utf-8"))
            found += [f"{path.relative_to(site)}: {request}" for request in asked]
    return found


def main(site: str) -> int:
    """1 when a page of the site asks another machine for something."""
    found = requests_of(Path(site))
    for line in found:
        print(f"not self-contained: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
