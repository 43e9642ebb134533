"""What the visitor's own browser computes with: WebAssembly, its scripts, and what Python tells them of a model."""
