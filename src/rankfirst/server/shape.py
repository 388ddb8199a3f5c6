"""What goes over the wire, and its limits."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_TEXTS: Final = 256  # of a request
MOST_CHARS: Final = 20_000  # of a text: far beyond what any model here reads
MOST_BYTES: Final = 4_000_000  # of a request's body

Text = Annotated[str, StringConstraints(max_length=MOST_CHARS)]


class Asked(BaseModel):
    """A request."""

    model_config = ConfigDict(extra="forbid")

    texts: Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)]
    top_k: Annotated[int, Field(ge=0, le=1000, description="likeliest classes to list with each answer")] = 0
    abstain: Annotated[bool, Field(description="no label where a person should rather look")] = False


class Likely(BaseModel):
    """A class and its calibrated probability."""

    label: str
    probability: float


class Told(BaseModel):
    """The answer to one text."""

    labels: list[str]  # one for single-label models; none when it abstains, or when no label reaches its threshold
    confidence: float  # that the answer is right, calibrated on validation rows
    abstained: bool
    top: list[Likely]


class Answers(BaseModel):
    """Answers in the order of the texts."""

    model: str  # which model answered: it changes when a new one is put in its place
    answers: list[Told]


class Refused(BaseModel):
    """Why there is no answer."""

    detail: str


class Flaw(BaseModel):
    """What in a request cannot be read, and where."""

    type: str
    loc: list[str | int]
    msg: str


class Unread(BaseModel):
    """The flaws of a request."""

    detail: list[Flaw]


_WHY: Final = {400: "no JSON at all", 401: "no bearer token, or a wrong one", 404: "no such tenant",
               413: "the body is too large", 422: "not what is asked for", 429: "too many texts wait",
               503: "no answer in time, or no model"}  # fmt: skip
PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "measurements", "content": {"text/plain": {"schema": {"type": "string"}}}}
}  # of Prometheus


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What an operation may answer beside 200, for its schema."""
    return {code: {"model": Unread if code == 422 else Refused, "description": _WHY[code]} for code in codes}
