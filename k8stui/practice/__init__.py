"""A Kubernetes API server of our own, for practice and for tests; of the project it knows ``core`` only."""
