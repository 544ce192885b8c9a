"""What each report says (报告内容), as blocks and tables; nothing here knows of pages or HTML."""
