"""The loop behind a session: questions kept ready, retrains, models measured and swapped."""
