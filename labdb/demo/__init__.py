"""The example laboratory of the source paper, and a student's ordinary week: forms and curves with their origins."""
