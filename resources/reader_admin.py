"""What readers wrote, in the admin."""
