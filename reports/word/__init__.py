"""Word (可编辑文本): a report's text and tables as docx, for those who must edit it."""
