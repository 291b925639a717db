"""Benchmarks of the service, run on the private stack in separate databases."""
