"""Sessions over the servers of other labeling tools: questions brought there, answers fetched from there."""
