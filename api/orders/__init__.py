"""Work orders of partners such as the 12345 hotline: in, transferred out, and every step told back."""
