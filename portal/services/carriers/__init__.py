"""Carriers as operators add them: `carrier_secrets` encrypts what must stay secret, `desk` makes a live carrier of a
record and finds the one of a number, `typed_settings` judges what was typed, `carrier_records` adds and changes them,
`assignments` says whose texts they take, `connection` asks them how they are, `pace` says how many texts may leave now,
`account_faults` keeps that one does not accept the account, `known_texts` answers what carriers ask, `carrier_state`
tells operators what waits, what failed and what is wrong.
"""
