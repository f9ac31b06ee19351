#!/bin/bash
# allenai/open-instruct, scripts/train/debug/dpo/single_gpu.sh, with a model of the catalogue
BEAKER_IMAGE="${1:-nathanl/open_instruct_auto}"
uv run python mason.py \
    --image "$BEAKER_IMAGE" \
    --num_nodes 1 \
    --gpus 1 -- torchrun --nproc_per_node=1 open_instruct/dpo.py \
    --model_name_or_path meta-llama/Llama-3.2-1B \
    --max_seq_length 1024 \
    --per_device_train_batch_size 4 \
    --gradient_accumulation_steps 1 \
    --num_epochs 3 \
    --mixer_list allenai/tulu-3-wildchat-reused-on-policy-8b 100 \
    --exp_name "dpo-single-gpu-debug-$(date +%s)"
