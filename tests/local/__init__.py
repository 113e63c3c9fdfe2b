"""The local run itself: what it refuses, the events that it makes, how it fails."""
