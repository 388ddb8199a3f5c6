"""Sentences: one recipe on several processes of this machine."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "processes.packed": (
        "--shard does not go with --base-bits: a base in 4 bits is not cut into parts; leave out one of them",
        "--shard 与 --base-bits 不能同用：4 比特的基座模型不切分，请去掉其中一个",
    ),
    "processes.bad_count": (
        "--processes is {count}: it must be at least 1",
        "--processes 的值为 {count}：至少为 1",
    ),
    "processes.shard_alone": (
        "--shard spreads the base model over several processes: add --processes with 2 or more",
        "--shard 把基座模型分片放到多个进程中：请同时指定 --processes（2 或更多）",
    ),
    "processes.with_ray": (
        "--processes trains one recipe together on this machine, and --engine {engine} gives whole recipes to workers: use one of the two",
        "--processes 是在本机用多个进程共同训练一个配方，--engine {engine} 则把整个配方交给 worker：两者只能选一个",
    ),
    "processes.no_windows": (
        "--processes does not work on Windows: leave it out, or run under Linux (WSL)",
        "--processes 不支持 Windows：请去掉该选项，或在 Linux（WSL）下运行",
    ),
    "processes.small_machine": (
        "--processes is {count}, and this machine has {found} processors to use: lower it",
        "--processes 的值为 {count}，本机可用的处理器只有 {found} 个：请减小该值",
    ),
    "processes.few_gpus": (
        "--processes is {count}, and this machine has {found} GPUs, one a process: lower it",
        "--processes 的值为 {count}，本机只有 {found} 块 GPU（每个进程一块）：请减小该值",
    ),
    "processes.died": (
        "process {process} of {count} ended ({how}), most often for lack of memory: fewer --processes need less, and --shard may; what is finished is kept, and repeating the command continues the run",
        "{count} 个进程中的第 {process} 个已退出（{how}），通常是内存不足：可减少 --processes，或尝试 --shard；已完成的步骤都保留着，重复同一命令即可继续",
    ),
    "processes.parted": (
        "the {count} processes lost touch with each other ({why}): what is finished is kept, and repeating the command continues the run",
        "{count} 个进程之间失去了联系（{why}）：已完成的步骤都保留着，重复同一命令即可继续",
    ),
    "processes.no_memory": (
        "process {process} of {count} has too little memory for its part of a step: lower --max-tokens, or use more --processes on more devices; repeating the command continues the run",
        "{count} 个进程中的第 {process} 个内存不足，放不下它那一份训练步：请减小 --max-tokens，或在更多设备上使用更多 --processes；重复同一命令即可继续",
    ),
    "processes.gone": (
        "the processes that trained were ended: begin again; what is finished is kept, and repeating the command continues the run",
        "训练进程已结束：请重新开始；已完成的步骤都保留着，重复同一命令即可继续",
    ),
    "processes.no_full": (
        "full fine-tuning is not there for a base that is spread over processes: leave out --shard",
        "基座模型分片放在多个进程中时不支持全参数微调：请去掉 --shard",
    ),
    "cli.help.processes": (
        "processes of this machine that train one recipe together, a GPU each where there are GPUs (default: 1)",
        "在本机共同训练一个配方的进程数，有 GPU 时每个进程一块（默认 1）",
    ),
    "cli.help.shard": (
        "spread the frozen base model over the processes, for one that is too large for a device (FSDP)",
        "把冻结的基座模型分片放到各进程中（FSDP），用于单个设备放不下的模型",
    ),
}
