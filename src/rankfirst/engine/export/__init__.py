"""Write trained weights in formats that other programs read, and read them back."""
