"""How fast the service is, measured on the private stack in databases of its own."""
