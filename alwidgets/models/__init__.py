"""Learners: modAL on current scikit-learn, how a fit is repeated, and what is inside a model."""
