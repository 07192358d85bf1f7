"""Undoing a change within ten minutes: a new change by the person who presses the button, under the same rules.

`undoing` finds the offer and writes; `settings` takes back texting of one unit or of many users, `people` numbers,
roles, accounts and details. `results` is what they answer, `stopped_texts` counts what stays as it is.
"""
