"""Where HTTP meets the use cases: reading requests, rendering problems, logs and metrics."""
