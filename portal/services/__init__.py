"""What people do here: each function reads, asks the rules, and writes in one commit."""
