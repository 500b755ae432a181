"""Text, errors, checks of plain values and threads, which know nothing of active learning."""
