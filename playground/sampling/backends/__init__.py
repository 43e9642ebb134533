"""Backends that run a recorded program: numba's compiled loops on the processor, torch on any device, WebAssembly in the browser."""
