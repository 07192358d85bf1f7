"""Who may text. `eligibility` reads the facts for the rules, `toggle` changes the setting of one unit.

`preview` counts what a change would do, `checklist` lists what stops users and who can fix it. `user_list` selects
users, `bulk` changes the settings of many.
"""
