"""Keep transformers' Trainer and PEFT, and hear what rankfirst says of the run: `python examples/trainer_callback.py`.

Offline and done in seconds: the rows are SYNTHETIC, written by rankfirst.sample, and the base model is a tiny BERT of
random weights, so the scores say nothing. In your own script only the line with RankFirstCallback is new.
"""

import sys
import tempfile
from collections import Counter
from typing import Any

from peft import LoraConfig, TaskType, get_peft_model
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
    set_seed,
)

from rankfirst import RankFirstCallback
from rankfirst.sample import Row, generate

CLASSES = 6  # the most frequent intents of the sample


def tokenizer_for(texts: list[str]) -> PreTrainedTokenizerFast:
    """Whole words of these texts."""
    words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.train_from_iterator(texts, trainers.WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"]))
    return PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]")


def encoded(rows: list[Row], tokenizer: PreTrainedTokenizerFast, labels: list[str]) -> list[dict[str, Any]]:
    return [{**tokenizer(row.text), "labels": labels.index(row.labels[0])} for row in rows]


def main(lang: str | None) -> None:
    set_seed(0)
    rows = generate("en", rows=1600, multi=False)
    labels = sorted(label for label, _ in Counter(row.labels[0] for row in rows).most_common(CLASSES))
    rows = [row for row in rows if row.labels[0] in labels]
    val, train = rows[::4], [row for i, row in enumerate(rows) if i % 4]
    tokenizer = tokenizer_for([row.text for row in train])
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=128, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256,
        initializer_range=0.1, num_labels=len(labels), id2label=dict(enumerate(labels)),
    )  # fmt: skip
    lora = LoraConfig(task_type=TaskType.SEQ_CLS, r=8, lora_alpha=8, target_modules=["query", "value"])

    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=get_peft_model(BertForSequenceClassification(config), lora),
            args=TrainingArguments(
                folder,
                num_train_epochs=4,
                per_device_train_batch_size=4,
                learning_rate=1e-3,
                lr_scheduler_type="constant_with_warmup",  # an lr that runs out looks like a model that learns no more
                eval_strategy="epoch",
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            train_dataset=encoded(train, tokenizer, labels),
            eval_dataset=encoded(val, tokenizer, labels),
            data_collator=DataCollatorWithPadding(tokenizer),
            callbacks=[RankFirstCallback(lang)],
        )
        trainer.train()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
