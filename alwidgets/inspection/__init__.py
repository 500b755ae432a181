"""Inspection of models and answers: explanations, predictions, near duplicates, label issues."""
