"""What it gives off: leach tests, ICP-OES sequences, detection, release."""
