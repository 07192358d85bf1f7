"""Who is here: `organizations`, their `locations`, `users` and primary `numbers`.

`number_claims` are numbers that an operator has still to confirm, `addresses_elsewhere` limits what an organization
learns about people of others, `notices` are texts that a person confirms.
"""
