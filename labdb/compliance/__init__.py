"""Compliance: limits with their source, decision rules, judgements, and what to measure when nothing can be decided."""
