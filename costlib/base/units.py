"""Units of the whole package, and the FLOPs of one parameter and token."""

GB = 1e9  # bytes; a GiB is 2**30
MICROSECOND = 1e-6
MILLISECOND = 1e-3
SECONDS_PER_HOUR = 3600
FLOPS_PER_TFLOP = 1e12
FLOPS_TRAINING = 6  # per parameter and token: 2 forward + 4 backward
FLOPS_INFERENCE = 2  # per parameter and token: forward only
