"""Diagnosis (诊断): shortfalls and strengths, risk, and progress against dated targets."""
