"""Sentences made from figures (文字结论): true comparisons in plain words, or nothing."""
