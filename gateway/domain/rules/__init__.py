"""The rules of validation, a file per family; each ends with a tuple RULES."""
