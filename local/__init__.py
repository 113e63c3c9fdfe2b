"""The service of template.yaml on one machine, for people, tests and demonstrations."""
