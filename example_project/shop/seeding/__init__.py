"""What the demo starts with: people who log in, offers of every kind, half a year of orders."""
