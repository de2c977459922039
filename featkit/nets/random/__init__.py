"""Nets that are never trained: the random front-ends."""
