"""Comparisons as text: Markdown, LaTeX, CSV, and a dict for JSON."""
