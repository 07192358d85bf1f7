"""What people do here: each function reads, asks the rules, and writes in one commit.

The rooms, from the ground up; a room knows those before it (`tests/test_layers.py` holds it):

1. `accounts`: signing in.
2. `people`: who is here, where, with which number.
3. `toggles`: who may text, and what is in the way.
4. `records`: what has to be kept or handed out.
5. `texting`: texts out and in, opt-outs; `imports`: users from a file.
6. `spam`: when it goes wrong.

`upkeep` keeps the database and looks after the rest. What several rooms use stands beside them: `audit`, `refusals`,
`names`, `hashes`, `csv_cells`, `letters`.
"""
