"""Deployment: migrations by sqitch, code by the loader, settings, keys."""
