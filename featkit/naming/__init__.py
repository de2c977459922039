"""Names to parts, text to parameters, code to fingerprints."""
