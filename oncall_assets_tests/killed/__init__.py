"""A Dagster daemon that is killed over and over: `daemon` starts and kills it, `location` is what it loads."""
