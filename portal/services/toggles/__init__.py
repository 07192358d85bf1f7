"""Who may text. `eligibility` reads the facts that decide, `toggle` changes a setting of one level.

`preview` counts what a change would do, `checklist` what is in the way and who can fix it. `user_list` selects users,
`bulk` changes the setting of many.
"""
