#!/bin/bash
ACTOR_GPUS=4
ROLLOUT_ARGS=(
   --hf-checkpoint "/models/Qwen3-8B"
   --num-rollout 200
   --rollout-batch-size 32
   --n-samples-per-prompt 8
   --global-batch-size 256
   --micro-batch-size 2
)
python3 train_async.py \
   --actor-num-nodes 1 --actor-num-gpus-per-node ${ACTOR_GPUS} \
   --rollout-num-gpus 4 \
   --tensor-model-parallel-size 2 \
   --advantage-estimator gspo \
   "${ROLLOUT_ARGS[@]}"
