"""What finished scores are worth: how sure, what would gain most, who is alike, why units differ."""
