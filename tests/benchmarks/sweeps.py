"""Speed and memory of sweeps, measured in processes of their own: `make benchmark-sweeps`, about fifteen minutes.

Two workers against one on 2e7 points, in turn; points a second against the bare call of the methods; peak memory of the
client and of each worker at 1e6 and at 1e9 points; the time of a sweep of four points.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RANGED = (
    "price_usd_per_gpu_hour", "question_tokens", "answer_tokens", "run_overhead", "human_usd_per_word",
    "platform_fee", "rework_share", "judge_instruction_tokens", "judge_usd_per_million_input", "unusable_share",
)  # fmt: skip
METHODS = {
    "design": "random", "points": 20_000_000, "vary": dict.fromkeys(RANGED, "own"),
    "outputs": {"people": "human-dpo.usd", "judge": "rlaif.usd", "own": "self-rewarding.usd",
                "ratio": "human-dpo.usd / rlaif.usd"},
}  # fmt: skip
LIGHT = {
    "design": "random", "points": 10**9,
    "vary": {"price_usd_per_gpu_hour": "own", "num_pairs_m1": {"from": 1000, "to": 100_000, "scale": "log"}},
    "outputs": ["published.usd"],
}  # fmt: skip


def waited_s():
    """Seconds for which the busiest thread of this process was ready and had no processor: others use the machine."""
    try:
        return max(int(task.read_text().split()[1]) for task in Path("/proc/self/task").glob("*/schedstat")) / 1e9
    except (OSError, IndexError):
        return 0.0


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(content, workers):
    """Run a sweep in this process; return seconds in all, seconds of computing, and peaks of memory."""
    from costlib.sweeping import cluster, plan, work
    from costlib.sweeping import run as sweeps

    checked, peaks, marks = plan.read(content), {}, {}
    plain = cluster.connected

    def connected(*arguments):
        manager = plain(*arguments)
        client = manager.__enter__()
        # Both have imported everything before the clock of computing starts.
        client.gather([client.submit(work.chunk, checked.as_json(), 0, pure=False, workers=[each])
                       for each in client.nthreads()])  # fmt: skip
        marks["client"] = client

        class Held:
            def __enter__(self):
                return client

            def __exit__(self, *error):
                marks["end"] = time.perf_counter()
                peaks["workers_mb"] = sorted(client.run(peak_mb).values())
                after = client.run(waited_s)
                peaks["waited_s"] = statistics.mean(after[each] - marks["waited"][each] for each in after)
                return manager.__exit__(*error)

        marks["waited"] = client.run(waited_s)
        marks["start"] = time.perf_counter()
        return Held()

    sweeps.cluster.connected = connected
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        sweeps.run(checked, Path(folder, "out"), workers, rows=False)
    return {"wall_s": time.perf_counter() - began, "computing_s": marks["end"] - marks["start"],
            "client_mb": peak_mb(), **peaks}  # fmt: skip


def measured(name, workers, points):
    command = [sys.executable, __file__, name, str(workers), str(points)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def bare_against_chunk(rounds=7):
    """Points a second of the bare call, and of whole chunks with points and summary, on one core, in turn."""
    from costlib.economics import methods, scenarios
    from costlib.sweeping import outputs, plan, points, work

    checked = plan.read(METHODS)
    values = scenarios.complete({}) | points.columns(checked, 0, outputs.BLOCK)
    names = ("human-dpo", "rlaif", "self-rewarding")
    found = {"bare": [], "chunk": []}
    for number in range(rounds):
        began = time.perf_counter()
        for _ in range(16):
            [method.usd for method in methods.compare(values, names).values()]
        found["bare"].append(16 * outputs.BLOCK / (time.perf_counter() - began))
        began = time.perf_counter()
        work.chunk(checked.as_json(), number)
        found["chunk"].append(checked.chunk / (time.perf_counter() - began))
    return found


def main():
    ratios, alone = [], []
    for _ in range(3):
        one, two = (measured("methods", workers, METHODS["points"]) for workers in (1, 2))
        ratios.append(one["computing_s"] / two["computing_s"])
        alone.append((one["computing_s"] - one["waited_s"]) / (two["computing_s"] - two["waited_s"]))
        shown = "; ".join(f"{each['computing_s']:.1f} s, {each['waited_s']:.1f} s of it waiting for a processor"
                          for each in (one, two))  # fmt: skip
        print(f"2e7 points, one worker and two: {shown}; ratio {ratios[-1]:.2f}, {alone[-1]:.2f} without the waiting",
              flush=True)  # fmt: skip
    print(f"median ratios of two workers to one: {statistics.median(ratios):.2f}, without the waiting "
          f"{statistics.median(alone):.2f}")  # fmt: skip
    speeds = bare_against_chunk()
    pairs = [bare / chunk for bare, chunk in zip(*speeds.values(), strict=True)]
    print(f"points a second and core: bare {statistics.median(speeds['bare']):,.0f}, whole chunk "
          f"{statistics.median(speeds['chunk']):,.0f}, ratio {statistics.median(pairs):.2f}", flush=True)  # fmt: skip
    starts = [measured("light", 2, 4)["wall_s"] for _ in range(5)]
    print(f"a sweep of four points: median {statistics.median(starts):.1f} s, at most {max(starts):.1f} s", flush=True)
    for points in (10**6, 10**9):
        found = measured("light", 2, points)
        held = ", ".join(f"{mb:.0f} MB" for mb in found["workers_mb"])
        print(f"{points:.0e} points: client {found['client_mb']:.0f} MB, workers {held}, {found['computing_s']:.0f} s",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1:
        chosen = {"methods": METHODS, "light": LIGHT}[sys.argv[1]]
        print(json.dumps(run(chosen | {"points": int(sys.argv[3])}, int(sys.argv[2]))))
    else:
        main()
