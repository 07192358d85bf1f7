"""Who may text. `profiles` are the facts about one user, `groups` are users for whom the rules say the same.

`eligibility` reads the facts for the rules, `toggle` changes the setting of one unit.

`preview` counts what a change would do, `checklist` lists what stops users and who can fix it. `user_list` selects
users, `bulk` changes the settings of many. For more than some hundreds `long_changes` writes down who they are, and
`long_steps` changes them step by step in the background.
"""
