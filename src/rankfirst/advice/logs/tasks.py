"""What a run was trained for, by the files beside its log: the advice is for text classifiers only."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rankfirst.advice.logs.numbers import plain

Files = Mapping[str, Mapping[str, Any]]
CLASSIFIER: Final = ""  # a text classifier, or nothing that says otherwise

# PEFT's task_type, and ms-swift's, in capitals -> task.
TASK_TYPES: Final[Mapping[str, str]] = {
    "SEQ_CLS": CLASSIFIER,
    "CAUSAL_LM": "generation",
    "SEQ_2_SEQ_LM": "generation",
    "TOKEN_CLS": "tokens",
    "QUESTION_ANS": "answers",
    "FEATURE_EXTRACTION": "embedding",
    "EMBEDDING": "embedding",
    "RERANKER": "embedding",
    "GENERATIVE_RERANKER": "embedding",
}
# Stages of LLaMA-Factory, and `rlhf_type` or `rl` of ms-swift and axolotl.
STAGES: Final[Mapping[str, str]] = {
    "pt": "generation",
    "sft": "generation",
    **dict.fromkeys(("rm", "ppo", "dpo", "kto", "orpo", "simpo", "cpo", "ipo", "grpo", "gkd"), "preference"),
}
# End of the name of a model class -> task; the first that fits.
ENDS: Final[Mapping[str, str]] = {
    "ForSequenceClassification": CLASSIFIER,
    "ForTokenClassification": "tokens",
    "ForQuestionAnswering": "answers",
    "ForMultipleChoice": "answers",
    "ForCTC": "speech",
    "ForAudioClassification": "speech",
    "ForSpeechSeq2Seq": "speech",
    "ForSpeechToText": "speech",
    "ForImageClassification": "vision",
    "ForObjectDetection": "vision",
    "ForSemanticSegmentation": "vision",
    "UNet2DConditionModel": "vision",
    "Transformer2DModel": "vision",
    "ForMaskedLM": "masked",
    "ForPreTraining": "masked",
    "ForCausalLM": "generation",
    "LMHeadModel": "generation",
    "ForConditionalGeneration": "generation",
}
# Parts of the name of a model or model class that decide for every ending.
FAMILIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("whisper", "wav2vec", "hubert", "speecht5", "seamless", "parakeet", "sensevoice"), "speech"),
    **dict.fromkeys(("stable-diffusion", "sdxl", "flux.1", "vit-base", "vit-large", "dinov2", "resnet"), "vision"),
}
# pipeline_tag of a model card -> task.
PIPELINES: Final[Mapping[str, str]] = {
    "text-classification": CLASSIFIER,
    "zero-shot-classification": CLASSIFIER,
    **dict.fromkeys(("text-generation", "text2text-generation", "summarization", "translation"), "generation"),
    "token-classification": "tokens",
    "question-answering": "answers",
    "fill-mask": "masked",
    **dict.fromkeys(("automatic-speech-recognition", "audio-classification", "text-to-speech"), "speech"),
    **dict.fromkeys(("image-classification", "object-detection", "text-to-image", "image-segmentation"), "vision"),
    **dict.fromkeys(("sentence-similarity", "feature-extraction"), "embedding"),
}
# Ends of the keys of a log, without their split, that only one task logs.
KEYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("wer", "cer", "wer_ortho"), "speech"),
    **dict.fromkeys(("perplexity", "ppl", "bleu", "sacrebleu", "rouge1", "rouge2", "rougel", "rouge_1", "rouge_l",
                     "bleu_4", "gen_len", "mean_token_accuracy", "token_acc"), "generation"),
    **dict.fromkeys(("overall_f1", "overall_precision", "overall_accuracy"), "tokens"),
    **dict.fromkeys(("exact_match", "squad_f1", "hasans_f1"), "answers"),
    **dict.fromkeys(("mse", "rmse", "mae", "pearson", "pearsonr", "spearmanr", "r2"), "regression"),
    **dict.fromkeys(("embedding_loss", "pearson_cosine", "spearman_cosine", "cosine_accuracy"), "embedding"),
}  # fmt: skip
# Keys that only training on preferences or rewards writes, whatever the model's class is.
PREFERENCE: Final = ("rewards_chosen", "rewards_rejected", "rewards_margins", "rewards_accuracies", "reward",
                     "reward_std", "mean_reward", "objective_kl", "logps_chosen",
                     "completions_mean_length")  # fmt: skip
LONGEST_NAME: Final = 60  # characters of the name of a class
SPLITS: Final = ("train_", "eval_", "val_", "valid_", "validation_", "dev_", "test_", "")


def task_of(files: Files, keys: frozenset[str], format_name: str) -> tuple[str, str]:
    """(task, what shows it): a key of `logs.task.*`, or ("", "") for a classifier and if nothing says otherwise.

    Args: files: settings by file name. keys: normalised keys of the log's rows.
    """
    return next(_evidence(files, keys, format_name), (CLASSIFIER, ""))


def _evidence(files: Files, keys: frozenset[str], format_name: str) -> Iterator[tuple[str, str]]:
    """What each source says, the most reliable first; an empty task there ends the search, too."""
    bare = {key.removeprefix(next(split for split in SPLITS if key.startswith(split))): key for key in sorted(keys)}
    for name in PREFERENCE:
        if name in bare:
            yield "preference", bare[name]
    adapter, config = files.get("adapter_config.json", {}), files.get("config.json", {})
    arguments = {plain(k): v for name, fields in files.items() if name not in _OTHERS for k, v in fields.items()}
    yield from _by_stage(arguments)
    named = (adapter.get("base_model_name_or_path"), config.get("_name_or_path"), config.get("model_type"),
             arguments.get("model"))  # fmt: skip
    for part, task in FAMILIES.items():
        if any(part in str(name or "").lower() for name in named):
            yield task, part
    for value in (adapter.get("task_type"), arguments.get("task_type")):
        if (task_type := str(value or "").rpartition(".")[2].upper()) in TASK_TYPES:
            yield TASK_TYPES[task_type], f"task_type {task_type}"
    if str(config.get("problem_type") or "") == "regression":
        yield "regression", "problem_type regression"
    yield from _by_class(adapter, config)
    yield from _by_card(files.get("README.md", {}))
    for name, task in KEYS.items():
        found = name if name in bare else next((key for key in bare if key.endswith(f"_{name}")), "")
        if found and (found == name or task != "regression"):  # the name of an evaluation set may come first
            yield task, name if found != name else bare[name]
    if format_name == "llama_factory":
        yield "generation", "LLaMA-Factory"


_OTHERS: Final = ("adapter_config.json", "config.json", "README.md")


def _by_stage(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("rlhf_type", "rl"):
        if (value := str(arguments.get(name) or "").lower()) in STAGES:
            yield STAGES[value], f"{name} {value}"
    stage = str(arguments.get("stage") or "").lower()
    if stage in STAGES and "finetuning_type" in arguments:
        yield STAGES[stage], f"stage {stage}"


def _by_card(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """By the task of a model card, or by a tag that TRL or the Trainer sets."""
    pipeline = str(card.get("pipeline_tag") or "")
    tags = [str(tag).lower() for tag in card.get("tags") or []]
    for tag in tags:
        if STAGES.get(tag) == "preference" or tag == "reward-trainer":
            yield "preference", f"tag {tag}"
    if pipeline in PIPELINES:
        yield PIPELINES[pipeline], f"pipeline_tag {pipeline}"
    for tag in tags:
        if (task := PIPELINES.get(tag, STAGES.get(tag))) is not None:
            yield task, f"tag {tag}"


def _by_class(adapter: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """By the class of the model: PEFT's auto_mapping, or `architectures` of config.json."""
    mapping, architectures = adapter.get("auto_mapping"), config.get("architectures")
    names = [mapping.get("base_model_class")] if isinstance(mapping, dict) else []
    names += architectures[:1] if isinstance(architectures, list) else []
    for name in names:
        text = str(name or "")
        if not text.isidentifier() or len(text) > LONGEST_NAME:  # it is shown, so it must be the name of a class
            continue
        family = next((task for part, task in FAMILIES.items() if part in text.lower()), None)
        ending = next((task for end, task in ENDS.items() if text.endswith(end)), None)
        if (task := ending if family is None else family) is not None:
            yield task, text
