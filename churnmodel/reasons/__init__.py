"""Why a customer stands where they stand, in the words of many languages."""
