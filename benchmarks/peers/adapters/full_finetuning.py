"""Trainer without adapters: every weight learns, ten epochs at lr 1e-4, the epoch with the best validation macro-F1.

The lr is one that small encoders like; at the usual 2e-5 of base-size ones they stay behind.
"""

from transformers import Trainer

from benchmarks.peers.adapters.trainer import Settings, TrainerPeer
from benchmarks.peers.protocol import Job

SETTINGS = Settings(lr=1e-4, epochs=10, batch=16, warmup=0.06, keep_best=True)


class Peer(TrainerPeer):
    needs_base = False
    packages = ("transformers", "accelerate")

    def train(self, job: Job) -> Trainer:
        return self.once(SETTINGS)
