"""Measurements, started by hand: `.venv/bin/python -m bench.latency`."""
