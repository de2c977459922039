"""The formats of the report: each file ``NAME.py`` registers one function as the page format
``NAME``.
"""
