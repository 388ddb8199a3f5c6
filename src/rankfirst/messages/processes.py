"""Sentences: one recipe on several processes of this machine."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "processes.packed": (
        "--shard cannot be combined with --base-bits: a 4-bit base model is not sharded; drop one of them",
        "--shard 与 --base-bits 不能同用：4 比特的底座不切分，请去掉其中一个",
    ),
    "processes.bad_count": (
        "--processes is {count}: it must be at least 1",
        "--processes 的值为 {count}：至少为 1",
    ),
    "processes.shard_alone": (
        "--shard distributes the base model over several processes: add --processes with 2 or more",
        "--shard 把底座模型分片放到多个进程中：请同时指定 --processes（2 或更多）",
    ),
    "processes.with_ray": (
        "--processes trains one model jointly on this machine, and --engine {engine} gives each worker its own training: use one of the two",
        "--processes 是在本机用多个进程共同训练一个模型，--engine {engine} 则让每个 worker 各做一次训练：两者只能选一个",
    ),
    "processes.no_windows": (
        "--processes does not work on Windows: drop it, or run under Linux (WSL)",
        "--processes 不支持 Windows：请去掉该选项，或在 Linux（WSL）下运行",
    ),
    "processes.small_machine": (
        "--processes is {count}, but this machine has {found} processors available: lower it",
        "--processes 的值为 {count}，本机可用的处理器只有 {found} 个：请减小该值",
    ),
    "processes.few_gpus": (
        "--processes is {count}, but this machine has {found} GPUs, one per process: lower it",
        "--processes 的值为 {count}，本机只有 {found} 块 GPU（每个进程一块）：请减小该值",
    ),
    "processes.died": (
        "process {process} of {count} ended ({how}), most often for lack of memory: use fewer --processes, or try --shard; finished steps are kept, and repeating the command continues the run",
        "{count} 个进程中的第 {process} 个已退出（{how}），通常是内存不足：可减少 --processes，或尝试 --shard；已完成的步骤都保留着，重复同一命令即可继续",
    ),
    "processes.parted": (
        "the {count} processes lost contact with each other ({why}): finished steps are kept, and repeating the command continues the run",
        "{count} 个进程之间失去了联系（{why}）：已完成的步骤都保留着，重复同一命令即可继续",
    ),
    "processes.no_memory": (
        "process {process} of {count} has too little memory for its share of a step: lower --max-tokens, or use more --processes on more devices; repeating the command continues the run",
        "{count} 个进程中的第 {process} 个内存不足，放不下它那一份训练步：请减小 --max-tokens，或在更多设备上使用更多 --processes；重复同一命令即可继续",
    ),
    "processes.gone": (
        "the training processes have ended: start again; finished steps are kept, and repeating the command continues the run",
        "训练进程已结束：请重新开始；已完成的步骤都保留着，重复同一命令即可继续",
    ),
    "processes.no_full": (
        "full fine-tuning does not support a sharded base model: drop --shard",
        "底座模型分片放在多个进程中时不支持全量微调：请去掉 --shard",
    ),
    "cli.help.processes": (
        "number of processes on this machine that train one model jointly, one GPU each if there are GPUs (default: 1)",
        "在本机共同训练一个模型的进程数，有 GPU 时每个进程一块（默认 1）",
    ),
    "cli.help.shard": (
        "shard the frozen base model over the processes, if it is too large for one device (FSDP)",
        "把冻结的底座模型分片放到各进程中（FSDP），用于单个设备放不下的模型",
    ),
}
