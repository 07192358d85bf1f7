"""When it goes wrong. `reports` stores what a visitor reports, `batches` chooses when to check it, `matching` compares
it with the texts that were sent (`likeness`, `reported_words`).

`intake` adds it to one of the `cases`, with `evidence`; `automatic` may slow down or block for a while. Operators make
`decisions` and put `restrictions`; people file `appeals`; `outcome_mail` writes to the people who reported.
"""
