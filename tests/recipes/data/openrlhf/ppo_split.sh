# OpenRLHF/OpenRLHF, examples/scripts/train_ppo_llama_ray.sh
ray job submit --address="http://127.0.0.1:8265" \
   --runtime-env-json='{"working_dir": "/openrlhf"}' \
   -- python3 -m openrlhf.cli.train_ppo_ray \
   --ref_num_nodes 1 --ref_num_gpus_per_node 2 --reward_num_nodes 1 --reward_num_gpus_per_node 2 \
   --critic_num_nodes 1 --critic_num_gpus_per_node 2 --actor_num_nodes 1 --actor_num_gpus_per_node 2 \
   --vllm_num_engines 2 --vllm_tensor_parallel_size 2 \
   --colocate_critic_reward --colocate_actor_ref \
   --pretrain OpenRLHF/Llama-3-8b-sft-mixture --reward_pretrain OpenRLHF/Llama-3-8b-rm-mixture \
   --micro_train_batch_size 8 --train_batch_size 128 --rollout_batch_size 1024 \
   --max_samples 100000 --max_epochs 1 --prompt_max_len 1024 --generate_max_len 1024 \
   --zero_stage 3 --bf16 --adam_offload --flash_attn --gradient_checkpointing
