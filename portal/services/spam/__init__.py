"""When it goes wrong. `reports` file what somebody got, `batches` choose when to look into it, `matching` compares it
with what was sent (`likeness`, `reported_words`).

`intake` adds it to one of the `cases`, with `evidence`; `automatic` may slow down or block for a while. Operators make
`decisions` and put `restrictions`; people file `appeals`; `outcome_mail` tells who reported.
"""
