"""Signing in. `attempts` limits tries, `password_rules` say what may be chosen, `passwords` check and set it.

`links` let a person choose a first password, `sessions` are browsers that are signed in, `kept_forms` hold what comes
after a session has ended, `devices` are browsers in which a person has signed in before.
"""
