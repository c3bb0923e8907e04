"""Letters taken to servers that fail in every way."""
