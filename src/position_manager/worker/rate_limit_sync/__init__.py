"""Rate-limit sync: copies limits from the database to the gateway, and request counts back."""
