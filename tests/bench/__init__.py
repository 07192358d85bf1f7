"""What can be tested of the measurements without a stopwatch."""
