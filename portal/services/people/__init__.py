"""Who is here: `organizations`, their `locations`, `users` and primary `numbers`.

`number_claims` are numbers that an operator has not confirmed yet, `addresses_elsewhere` limits what an organization
learns about people of other organizations, `notices` are texts that a person confirms.
"""
