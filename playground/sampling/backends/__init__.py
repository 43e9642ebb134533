"""What runs a recorded program: numba's compiled loops on the processor, torch on any device."""
