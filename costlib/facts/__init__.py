"""What we know: sourced values, the vocabulary of parameters, the claims ledger. Standard library only."""
