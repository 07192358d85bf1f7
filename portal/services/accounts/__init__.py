"""Signing in. `attempts` limits tries, `password_rules` say what may be chosen, `passwords` check and set it.

`links` let somebody choose a first password, `sessions` are the browsers that are signed in, `devices` those in which
a person has signed in before.
"""
