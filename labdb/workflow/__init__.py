"""What is planned and noted: protocols, notes."""
