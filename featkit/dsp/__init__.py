"""Pure functions on arrays: short-time spectra, filter banks, cepstra, resizing. No files, no
configuration, no state.
"""
