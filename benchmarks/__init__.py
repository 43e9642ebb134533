"""Where the README's speeds come from, one command each."""
