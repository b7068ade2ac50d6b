"""Ways to reach offices and axes; each knows the ground floor and the ports only."""
