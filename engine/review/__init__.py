"""Following up (整改复查): what became of last year's problems, and what is known before this year's forms go out."""
