"""Bring a database to the present tree: migrations by sqitch, code by the loader."""
