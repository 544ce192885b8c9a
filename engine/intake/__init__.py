"""Reading: one module for each kind of source; every fault becomes a finding."""
