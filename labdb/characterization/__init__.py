"""What it is: emission, diffraction, and the methods that read them."""
