"""What the experiments measure, for the page, for `training/` and for the tests of the claims."""
