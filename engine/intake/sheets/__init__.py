"""Tables of whatever make (表格): bytes → grids of cells → typed columns, every fault with its cell."""
