"""What the business does: one folder a business word, the same file names in each."""
