"""Slow measurements; each script rewrites its page under docs/benchmarks."""
