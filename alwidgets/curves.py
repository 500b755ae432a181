"""Learning curves: a law fitted to the scores of a session, where it leads, and how much labeling it saved."""
