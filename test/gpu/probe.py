"""What a GPU can do at most, by PyTorch: prints one line of JSON a measurement.

Copies count the bytes read and the bytes written. Matrices hold random numbers:
zeros would be faster than anything that a circuit computes with.
"""

import json
import statistics

import torch


def seconds_of(run, warm_up, repeats):
    for _ in range(warm_up):
        run()
    times = []
    for _ in range(repeats):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        run()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) / 1e3)
    return statistics.median(times)


def tell(**line):
    print(json.dumps(line), flush=True)


def main():
    properties = torch.cuda.get_device_properties(0)
    tell(name=properties.name, torch=torch.__version__, cuda=torch.version.cuda,
         multiprocessors=properties.multi_processor_count,
         memory_bytes=properties.total_memory,
         l2_bytes=getattr(properties, "L2_cache_size", None))
    # A quarter of what is free, so that smaller GPUs can do it too.
    count = min(2 << 30, torch.cuda.mem_get_info()[0] // 4)
    source = torch.empty(count // 4, device="cuda").normal_()
    target = torch.empty_like(source)
    seconds = seconds_of(lambda: target.copy_(source), 3, 15)
    tell(copy_bytes_per_s=2 * source.numel() * 4 / seconds)
    del source, target
    # As much as stays in the second-level cache.
    source = torch.empty((8 << 20) // 4, device="cuda").normal_()
    target = torch.empty_like(source)

    def copy_often():
        for _ in range(50):
            target.copy_(source)

    seconds = seconds_of(copy_often, 3, 15) / 50
    tell(cached_copy_bytes_per_s=2 * source.numel() * 4 / seconds)

    for name, side, kind, tf32, repeats in (("f32", 4096, torch.float32, False, 10),
                                            ("tf32", 8192, torch.float32, True, 10),
                                            ("bf16", 8192, torch.bfloat16, True, 10)):
        torch.backends.cuda.matmul.allow_tf32 = tf32
        a, b = (torch.randn(side, side, device="cuda", dtype=kind) for _ in range(2))
        seconds = seconds_of(lambda: a @ b, 3, repeats)
        tell(**{f"{name}_flops": 2 * side ** 3 / seconds})
        del a, b


if __name__ == "__main__":
    main()
