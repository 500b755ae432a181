"""What a score means: metrics and intervals, the fitted learning curve, what labels saved."""
