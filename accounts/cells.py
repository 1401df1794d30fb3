"""Cells of a spreadsheet that hold what somebody typed."""

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a spreadsheet may run a cell that begins so


def inert(cell):
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(RISKY) else cell
