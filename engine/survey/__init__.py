"""The residents' survey: plan, check, weights, satisfaction."""
