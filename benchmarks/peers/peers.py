"""The peers, cheap ones first."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Peer:
    """Who is measured."""

    name: str  # in the tables and the CSV
    adapter: str  # module of `adapters`
    environment: str  # of `environments.ENVIRONMENTS`; "": the project's own


PEERS: Final = {
    peer.adapter: peer
    for peer in (
        Peer("TF-IDF + SVM", "tfidf_svm", ""),
        Peer("model2vec", "static", "model2vec"),
        Peer("frozen + logistic regression", "frozen_lr", ""),
        Peer("AutoIntent classic-light", "autointent", "autointent"),
        Peer("Trainer + PEFT, defaults", "trainer_lora", "trainer"),
        Peer("Trainer + PEFT, one recipe", "trainer_recipe", "trainer"),
        Peer("Trainer, full fine-tuning", "full_finetuning", "trainer"),
        Peer("SetFit", "setfit", "setfit"),
        Peer("rankfirst", "rankfirst", ""),
        Peer("Trainer + PEFT + Optuna", "trainer_optuna", "trainer"),
    )
}
