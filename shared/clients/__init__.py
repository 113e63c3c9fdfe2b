"""One thin client a vendor, handed into the use cases."""
