"""What no test on a CPU can say: the engine on a GPU, its figures and its failures.

    python -m benchmarks.gpu_check --minutes 8 --out FOLDER

`checks` lists what is run, in order of worth, and which branch of src/ each check reaches; `driver` runs the checks in
processes of their own; `box` is what a check is given.
"""
