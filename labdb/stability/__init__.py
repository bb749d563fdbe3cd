"""How it ages: studies, retention, degradation."""
