"""Links in the admin: what the checker found, and mending it."""
