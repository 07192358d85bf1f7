"""Texts, in the order in which one goes out and another comes in.

Out: `send_facts` gathers what the rules ask, `composer` previews, `drafts` keep what is being written, `sending`
accepts and stores (`lines`, `brand_days`), `outbox` claims, `recheck` decides again, the carrier takes it, `outcomes`
record, `receipts` bring the state up to date. `breaker` pauses a failing carrier, `clock_changes` keep what waits when
the machine's clock is set.

In: `inbound` takes a text once, hears STOP (`optouts`, `erased_numbers`; what people decide about likely ones:
`optout_decisions`, `likely_optouts`), queues `answers`; `answer_table` holds every sentence of theirs. `web_requests`
are requests from the web to be left alone, `web_decisions` those among many that a person decides about; `stop_notices`
tell people once that texts to them have stopped. `conversations` are what a member reads.
"""
