"""Sentences: training on a Ray cluster, and many fits at once."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "ray.missing": (
        'training on Ray needs the extra: pip install "rankfirst[ray]"',
        '在 Ray 上训练需要安装扩展：pip install "rankfirst[ray]"',
    ),
    "ray.bad_engine": (
        "--engine is {text!r}; it must be local, ray, ray://auto or ray://HOST:PORT (the address that ray start prints)",
        "--engine 的值 {text!r} 无效；可用 local、ray、ray://auto 或 ray://主机:端口（ray start 打印的地址）",
    ),
    "ray.bad_pool": (
        "{workers} workers with {threads} threads and {gpus} GPUs each: workers and threads must be at least 1, GPUs at least 0",
        "{workers} 个 worker、每个 {threads} 个线程和 {gpus} 块 GPU：worker 数和线程数至少为 1，GPU 数不能为负",
    ),
    "ray.small_machine": (
        "{workers} workers with {threads} threads each need {asked} processors, but this machine has {found}: lower --workers or --threads, or name a cluster with --engine ray://HOST:PORT",
        "{workers} 个 worker、每个 {threads} 个线程，共需 {asked} 个处理器，本机只有 {found} 个：请减小 --workers 或 --threads，或用 --engine ray://主机:端口 指定集群",
    ),
    "ray.no_cluster": (
        "the Ray cluster {address} cannot be reached ({why}): check that it is running (ray status), the address, and RAY_AUTH_MODE=token in the environment if it requires a token",
        "连不上 Ray 集群 {address}（{why}）：请检查集群是否在运行（ray status）、地址是否正确；如果集群要求令牌，还需在环境变量中设置 RAY_AUTH_MODE=token",
    ),
    "ray.too_small": (
        "no node of the Ray cluster is large enough for one worker with {threads} CPU and {gpus} GPU: found {found}, waited {waited} s; lower --threads or --gpus, or add a node",
        "Ray 集群里没有一个节点放得下一个 worker（{threads} 个 CPU、{gpus} 块 GPU）：现有 {found}，已等待 {waited} 秒；请减小 --threads 或 --gpus，或增加节点",
    ),
    "ray.busy": (
        "the Ray cluster had no room for a worker with {threads} CPU and {gpus} GPU for {waited} s: other jobs use it; repeat the command later",
        "{waited} 秒内 Ray 集群一直没有空位运行一个 worker（{threads} 个 CPU、{gpus} 块 GPU）：资源被其他任务占用，请稍后重复同一命令",
    ),
    "ray.keeps_dying": (
        "workers of the Ray cluster died {times} times at the same step ({what}), most often for lack of memory: see the cluster's logs; repeating the command continues the run",
        "Ray 集群的 worker 在同一步（{what}）上已退出 {times} 次，通常是内存不足：请查看集群日志；重复同一命令即可继续",
    ),
    "ray.gone": (
        "the Ray cluster disconnected ({why}); finished steps are kept, and repeating the command continues the run",
        "Ray 集群已断开（{why}）；已完成的步骤都保留着，重复同一命令即可继续",
    ),
    "ray.no_base": (
        "a worker of the Ray cluster has no folder {path}, which holds the base model here: put it at the same path on every node",
        "Ray 集群的某个 worker 上没有文件夹 {path}（本机的底座模型在此）：请在每个节点的相同路径下放好模型",
    ),
    "ray.not_shared": (
        "a worker of the Ray cluster has no folder {path}: the run's folder must be on a disk that all nodes share, such as NFS, or give --storage an address that all nodes can reach",
        "Ray 集群的某个 worker 上没有文件夹 {path}：运行文件夹必须放在所有节点共享的磁盘上（例如 NFS），或用 --storage 指定所有节点都能访问的地址",
    ),
    "storage.secret": (
        "--storage must not hold a key or password: its address is written to the journal; put credentials into the environment, as the tools of that storage expect them (for s3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
        "--storage 中不能包含密钥或密码：该地址会写进日志；请按该存储自带工具的约定把凭证放进环境变量（s3 为 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY）",
    ),
    "storage.bad_address": (
        "--storage is {address!r}; it must be a folder, or an address such as s3://bucket/run, gs://bucket/run or hdfs://host/run",
        "--storage 的值 {address!r} 无效；可以是文件夹，或形如 s3://桶/运行、gs://桶/运行、hdfs://主机/运行 的地址",
    ),
    "storage.failed": (
        "the storage {address} failed three times ({why}); finished steps are kept in the run's folder, and repeating the command continues it",
        "存储 {address} 连续三次失败（{why}）；已完成的步骤保留在运行文件夹中，重复同一命令即可继续",
    ),
    "cli.help.storage": (
        "address for a copy of everything another machine needs to continue, such as s3://bucket/run",
        "另存一份运行记录、检查点和交付模型的地址，换一台机器也能接着跑，如 s3://桶/运行",
    ),
    "report.ahead.used": (
        "Trained in advance by an idle worker ({time}), and used: {recipe}",
        "空闲 worker 提前训练（{time}），结果已用上：{recipe}",
    ),
    "report.ahead.unused": (
        "Trained in advance by an idle worker ({time}), but not used: {recipe}",
        "空闲 worker 提前训练（{time}），结果未用上：{recipe}",
    ),
    "cli.help.engine": (
        "where to train: local, ray (workers of a Ray cluster on this machine), ray://auto or ray://HOST:PORT (a cluster that this machine belongs to)",
        "在哪里训练：local；ray（在本机启动 Ray 集群）；ray://auto 或 ray://主机:端口（本机所在的集群）",
    ),
    "cli.help.workers": ("number of workers on the Ray cluster (default: 2)", "Ray 集群上的 worker 数（默认 2）"),
    "cli.help.threads": (
        "CPUs that each Ray worker reserves and trains with (default: this machine's, divided among the workers)",
        "每个 Ray worker 占用并用于训练的 CPU 数（默认把本机 CPU 平分给各 worker）",
    ),
    "cli.help.gpus": (
        "GPUs that each Ray worker reserves, such as 0.5 (default: 0)",
        "每个 Ray worker 占用的 GPU 数，可为小数，如 0.5（默认 0）",
    ),
}
