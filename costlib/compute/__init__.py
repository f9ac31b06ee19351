"""One job on GPUs: architectures and settings to FLOPs, bytes and seconds."""
