"""What is true about signatures and keys; never whether that is good enough."""
