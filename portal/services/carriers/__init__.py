"""Carriers as operators add them: `carrier_secrets` encrypts what must stay secret, `desk` makes a live carrier of a
record and finds the one of a number, `carrier_records` adds and changes them, `pace` says how many texts may leave now,
`known_texts` answers what carriers ask, `carrier_state` tells operators what waits, what failed and what is wrong.
"""
