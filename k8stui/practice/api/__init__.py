"""The HTTP side of the practice cluster: requests of the Kubernetes API in, JSON out."""
