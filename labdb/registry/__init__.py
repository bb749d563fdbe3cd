"""Who and what works here: person, instrument, calibration, method."""
