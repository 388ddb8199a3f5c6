"""Trainer + PEFT as its quick tour trains a classifier (lr 1e-3), at all linear layers and ten epochs: one recipe.

Beside `trainer_lora` it says what the libraries reach with one sensible recipe; docs/peers.md compares the cost of a
whole `fit` with it. What is not named is left as the libraries have it.
"""

from transformers import Trainer

from benchmarks.peers.adapters.trainer import Settings, TrainerPeer
from benchmarks.peers.protocol import Job

SETTINGS = Settings(lr=1e-3, epochs=10, lora={"target_modules": "all-linear"})


class Peer(TrainerPeer):
    def train(self, job: Job) -> Trainer:
        return self.once(SETTINGS)
