"""The ground floor: values and decisions of the field. No I/O, no clock, no logging."""
