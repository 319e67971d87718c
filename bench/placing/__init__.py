"""Ten thousand hosts in two hundred pools, and who decides faster where the next server goes."""
