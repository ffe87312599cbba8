"""Work orders of partners such as the 12345 hotline: in, out, and every step told back; and talks that they join."""
