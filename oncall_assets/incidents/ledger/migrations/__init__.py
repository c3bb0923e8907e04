"""How the ledger's tables became what they are, so that no ledger has to be thrown away."""
