"""Making it: chemicals, lots, batches, steps, samples."""
