# simplescaling/s1, train/sft.sh: flags of TrainingArguments behind torchrun
uid="$(date +%Y%m%d_%H%M%S)"
base_model="Qwen/Qwen2.5-32B-Instruct"
epochs=5
micro_batch_size=1
gradient_accumulation_steps=1
gpu_count=8
torchrun --nproc-per-node ${gpu_count} --master_port 12345 \
    train/sft.py \
    --block_size=32768 \
    --per_device_train_batch_size=${micro_batch_size} \
    --gradient_accumulation_steps=${gradient_accumulation_steps} \
    --num_train_epochs=${epochs} \
    --model_name_or_path=${base_model} \
    --fsdp="full_shard auto_wrap" \
    --gradient_checkpointing=True \
    --bf16=True \
    --learning_rate=1e-5 \
    --output_dir="ckpts/s1-${uid}"
