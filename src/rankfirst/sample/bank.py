"""The structure of a phrase bank, and the intents with their relations, common to both languages."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from rankfirst.messages import LANGS, Lang
from rankfirst.records import from_json

# The long tail: the exact number of rows in a sample of any size.
TAIL_ROWS: Final[Mapping[str, int]] = {
    "warranty_repair": 15,
    "size_advice": 13,
    "double_charge": 11,
    "loyalty_points": 9,
    "gift_card": 8,
    "delete_account": 6,
}

# Pairs that annotators confuse: a planted conflict gives a text of one the label of the other.
CONFUSABLE: Final[Mapping[str, str]] = {
    "order_status": "delivery_delay",
    "delivery_delay": "order_status",
    "return_status": "refund_status",
    "refund_status": "return_status",
    "return_request": "refund_request",
    "refund_request": "return_request",
    "exchange_item": "return_request",
    "change_address": "change_delivery_time",
    "change_delivery_time": "change_address",
    "wrong_item": "missing_item",
    "missing_item": "wrong_item",
    "cancel_order": "change_order_items",
    "change_order_items": "cancel_order",
    "lost_parcel": "delivery_delay",
    "coupon_problem": "price_adjustment",
    "price_adjustment": "coupon_problem",
    "stock_question": "product_details",
}

# Intents that occur together in a message. Tail intents are excluded, since their row counts are fixed above.
COMPANIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "order_status": ("change_address", "invoice_request", "change_delivery_time", "shipping_cost"),
    "cancel_order": ("refund_status", "delivery_delay", "stock_question", "coupon_problem"),
    "change_order_items": ("change_address", "coupon_problem", "shipping_cost", "invoice_request"),
    "change_address": ("change_delivery_time", "order_status", "change_order_items"),
    "change_delivery_time": ("change_address", "order_status", "delivery_delay"),
    "delivery_delay": ("cancel_order", "refund_request", "talk_to_human", "order_status"),
    "lost_parcel": ("refund_request", "talk_to_human", "change_address"),
    "shipping_cost": ("stock_question", "return_request", "coupon_problem"),
    "return_request": ("refund_status", "shipping_cost", "exchange_item", "damaged_item"),
    "return_status": ("refund_status", "exchange_item", "talk_to_human"),
    "refund_request": ("return_request", "damaged_item", "delivery_delay", "missing_item"),
    "refund_status": ("return_status", "talk_to_human", "invoice_request"),
    "exchange_item": ("wrong_item", "stock_question", "shipping_cost", "damaged_item"),
    "damaged_item": ("exchange_item", "refund_request", "missing_item", "return_request"),
    "wrong_item": ("exchange_item", "return_request", "missing_item"),
    "missing_item": ("wrong_item", "refund_request", "order_status"),
    "warranty_repair": ("damaged_item", "invoice_request", "exchange_item"),
    "payment_failed": ("account_login", "coupon_problem", "cancel_order"),
    "double_charge": ("refund_request", "payment_failed", "cancel_order"),
    "invoice_request": ("change_address", "order_status", "return_request"),
    "coupon_problem": ("price_adjustment", "payment_failed", "shipping_cost"),
    "price_adjustment": ("coupon_problem", "return_request", "refund_request"),
    "gift_card": ("payment_failed", "coupon_problem", "refund_status"),
    "stock_question": ("product_details", "shipping_cost", "price_adjustment"),
    "product_details": ("stock_question", "shipping_cost", "coupon_problem"),
    "size_advice": ("stock_question", "exchange_item", "product_details"),
    "account_login": ("order_status", "talk_to_human", "payment_failed"),
    "delete_account": ("account_login", "refund_request", "talk_to_human"),
    "loyalty_points": ("coupon_problem", "account_login", "order_status"),
    "talk_to_human": ("delivery_delay", "refund_status", "return_status", "lost_parcel"),
}


@dataclass(frozen=True, slots=True)
class Aside:
    """A context sentence, and the intents that it would contradict or reveal."""

    text: str
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bank:
    """All phrases of one language.

    `campaign` phrases occur from `campaign_start` (ISO date) on; `settled` ones name an intent without asking for it.
    `matters` name an intent and ask nothing: a frame around one asks about it, or says that it is settled.
    """

    lang: Lang
    phrases: Mapping[str, tuple[str, ...]]
    follow_ups: Mapping[str, tuple[str, ...]]
    campaign: Mapping[str, tuple[str, ...]]
    settled: Mapping[str, tuple[str, ...]]
    matters: Mapping[str, tuple[str, ...]]
    asked_frames: tuple[str, ...]
    settled_frames: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    asides: tuple[Aside, ...]
    joins: tuple[str, ...]
    follow_up_joins: tuple[str, ...]
    typo_swaps: Mapping[str, tuple[str, ...]]
    campaign_start: str

    def framed(self, frames: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Every frame around every matter, by intent."""
        return {intent: tuple(_framed(frame, matter) for frame in frames for matter in matters)
                for intent, matters in self.matters.items()}  # fmt: skip


def _framed(frame: str, matter: str) -> str:
    return frame.replace("{matter}", matter).replace("{Matter}", matter[:1].upper() + matter[1:])


def _read(lang: Lang) -> Bank:
    text = (files(__package__) / "phrases" / f"{lang}.toml").read_text(encoding="utf-8")
    return from_json(Bank, tomllib.loads(text) | {"lang": lang})


BANKS: Final[Mapping[Lang, Bank]] = {lang: _read(lang) for lang in LANGS}
INTENTS: Final = tuple(BANKS["en"].phrases)  # both languages have the same, in the same order
