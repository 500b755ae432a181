"""Looking into a model and into answers: explanations, predictions, near duplicates, doubted labels."""
