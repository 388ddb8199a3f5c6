"""Trainer + PEFT with every setting left as the libraries have it: three epochs, lr 5e-5, rank 8 at query and value."""

from transformers import Trainer

from benchmarks.peers.adapters.trainer import Settings, TrainerPeer
from benchmarks.peers.protocol import Job


class Peer(TrainerPeer):
    def train(self, job: Job) -> Trainer:
        return self.once(Settings(lora={}))
