"""The reference implementation: the rules of accounting in Python, independent of the database."""
