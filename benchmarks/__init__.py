"""How fast the portal is, and how large: see docs/performance.md."""
