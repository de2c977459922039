"""Engines that classifiers share: candidates, kernels, and grids over one factorisation."""
