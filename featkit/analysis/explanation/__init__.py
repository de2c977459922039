"""Why a bundle calls a recording what it does."""
