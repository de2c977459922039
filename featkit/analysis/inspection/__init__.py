"""What may be wrong with a dataset: labels, copies, outliers, artefacts of recording."""
