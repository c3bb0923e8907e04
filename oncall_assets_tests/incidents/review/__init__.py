"""Quarters that are made up, and what is said of them."""
