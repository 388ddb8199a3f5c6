"""A document as one self-contained HTML file: the report's look and the report's security, without its charts."""

from markupsafe import Markup

from rankfirst.messages import Lang
from rankfirst.report.html import environment, policy, told
from rankfirst.report.narrative.document import Code, Document, Para, Table, cited, words


def as_html(document: Document, lang: Lang) -> str:
    """Both languages inside, opened in `lang`; every text is escaped and no request leaves the page."""
    made = environment()
    style = Markup("\n").join(Markup(made.get_template(f"{name}.css.j2").render()) for name in ("report", "proposal"))
    script = Markup(made.get_template("proposal.js.j2").render())
    return made.get_template("proposal.html.j2").render(
        v=document, lang=lang, style=style, scripts=(script,), policy=policy(style, (script,)),
        kind=_kind, where=lambda block: told(cited(block.lines)), plan=lambda code: told(words(f"plan.{code}")),
    )  # fmt: skip


def _kind(block: Para | Table | Code) -> str:
    """Which part of the template shows it."""
    if isinstance(block, Para):
        return "point" if block.point else "text"
    return "table" if isinstance(block, Table) else "code"
