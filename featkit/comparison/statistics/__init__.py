"""Statistics of results as pure functions, each with its source: intervals, paired tests, ranks,
repeated runs, adjustment.
"""
