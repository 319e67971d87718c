"""How much there is, how much is promised, and where the next server goes."""
