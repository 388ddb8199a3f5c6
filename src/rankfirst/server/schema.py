"""Request and response schemas, and their limits."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_TEXTS: Final = 256  # per request
MOST_CHARS: Final = 20_000  # per text; far more than any supported model reads
MOST_BYTES: Final = 4_000_000  # per request body

MOST_EXPLAINED: Final = 8  # texts per request that is explained: with 48 words each they are 392 texts to answer
MOST_EXPLAINED_CHARS: Final = 4_000  # of such a text, which is sent through the tokenizer once per word

Text = Annotated[str, StringConstraints(max_length=MOST_CHARS)]


class ClassifyRequest(BaseModel):
    """A request."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "if": {"properties": {"explain": {"const": True}}, "required": ["explain"]},
            "then": {
                "properties": {"texts": {"maxItems": MOST_EXPLAINED, "items": {"maxLength": MOST_EXPLAINED_CHARS}}}
            },
        },
    )

    texts: Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)]
    top_k: Annotated[
        int, Field(ge=0, le=1000, description="number of most probable classes to list with each answer")
    ] = 0
    abstain: Annotated[bool, Field(description="no label if the model abstains")] = False
    explain: Annotated[bool, Field(description="say why; only if the server was started with --explain")] = False


class Likely(BaseModel):
    """A class and its calibrated probability."""

    label: str
    probability: float


class WordEffect(BaseModel):
    """A word of the text and how it moved a label."""

    text: str
    start: int  # in characters of the text with its white space collapsed
    end: int
    effect: float  # log-odds of the label with it minus without it
    without: float  # probability of the label without it


class LabelEffect(BaseModel):
    """The words that moved a label, the strongest first."""

    label: str
    probability: float
    words: list[WordEffect]


class NearRow(BaseModel):
    """A training row that resembles the text; its own text is never sent."""

    row: int  # place in the training split, from 0
    line: int | None  # line in its file
    labels: list[str]
    similarity: float  # cosine, -1 to 1


class AbstainMargin(BaseModel):
    """How far the answer was from abstaining."""

    abstained: bool
    score: str | None
    value: float | None
    threshold: float | None  # the model abstains below it
    share_below: float | None  # share of validation rows with a lower value
    by_costs: bool


class WhyAnswer(BaseModel):
    """Why a text got its answer."""

    labels: list[str]
    confidence: float
    because: list[LabelEffect]
    nearest: list[NearRow]
    margin: AbstainMargin


class TextAnswer(BaseModel):
    """The answer to one text."""

    labels: list[str]  # one for single-label models; none if it abstains or no label reaches its threshold
    confidence: float  # that the answer is right, calibrated on validation rows
    abstained: bool
    top: list[Likely]
    answer_set: list[str] | None = None  # of a model with a promise: what a person chooses from if it abstains
    explanation: WhyAnswer | None = None  # only on request


class Answers(BaseModel):
    """Answers in the order of the texts."""

    model: str  # name of the model that answered; changes when a new one takes over
    answers: list[TextAnswer]


class Refused(BaseModel):
    """Why there is no answer."""

    detail: str


class Flaw(BaseModel):
    """One invalid part of a request."""

    type: str
    loc: list[str | int]
    msg: str


class Unread(BaseModel):
    """The invalid parts of a request."""

    detail: list[Flaw]


_WHY: Final = {400: "not valid JSON", 401: "missing or wrong bearer token", 403: "not allowed by this server",
               404: "no such tenant",
               413: "the body is too large", 422: "it does not match the schema", 429: "too many texts are waiting",
               503: "no answer in time, or no model available"}  # fmt: skip
PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "measurements", "content": {"text/plain": {"schema": {"type": "string"}}}}
}  # in Prometheus' text format


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of an operation for status codes other than 200."""
    return {code: {"model": Unread if code == 422 else Refused, "description": _WHY[code]} for code in codes}
