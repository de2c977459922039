"""What a comparison looks like: the one-file HTML page, its figures, and pictures of features."""
