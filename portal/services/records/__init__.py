"""What an organization has to keep or hand out.

`holds` keeps texts from being erased; `requests` asks for texts and releases them to a second pair of eyes;
`transcripts` reads what was released.
"""
