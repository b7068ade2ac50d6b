"""`gateway doctor`: what is looked over, subject by subject, and what is said of it."""
