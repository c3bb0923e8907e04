"""One module for each version of the tables; what a version wrote stays as it was written."""
