"""Reading paths in the admin."""
