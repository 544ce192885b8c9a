"""Workbooks (工作簿): tables as xlsx."""
