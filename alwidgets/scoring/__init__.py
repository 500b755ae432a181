"""Scores: metrics and intervals, the fitted learning curve, label savings."""
