#!/usr/bin/env bash
# Deliver LoRA even where the frozen encoder would do, and read what that gained: examples/insist_on_lora.sh [FOLDER]
# The rows are SYNTHETIC. Without --always-lora the cheaper rung is delivered when LoRA's gain lies inside the noise.
set -euo pipefail
folder=${1:-example-insist}

python -m rankfirst.sample "$folder/sample" --rows 400 --single
rankfirst fit "$folder/sample/train.csv" --val "$folder/sample/val.csv" --test "$folder/sample/test.csv" \
  -o "$folder/run" --always-lora --lang en
rankfirst explain "$folder/run" --lang en | tail -n 20
