"""`import alwidgets` beside `import numpy`, each in a fresh interpreter: python -m tests.benchmarks.imports."""

import statistics
import subprocess
import sys
import time

N_PAIRS = 15


def seconds(module):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - start


def main():
    for module in ("numpy", "alwidgets"):
        seconds(module)
    pairs = [(seconds("alwidgets"), seconds("numpy")) for _ in range(N_PAIRS)]
    ours, numpy = zip(*pairs, strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    milliseconds = [f"{statistics.median(times) * 1000:.0f} ms" for times in (ours, numpy)]
    print(f"import alwidgets {milliseconds[0]}, import numpy {milliseconds[1]}")
    print(f"ratio {ratio:.2f}, the start of the interpreter included on both sides; goal at most 1.5")


if __name__ == "__main__":
    main()
