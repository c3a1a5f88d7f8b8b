"""Four stages, one `turn` each: look at what is due, do it, record it. They meet only in the ledger.

intake    mailbox → spool → ledger
triage    ledger → worker → ledger
dispatch  ledger → relay → ledger
filing    ledger → mailbox → ledger

`pipeline` computes, stages act. A turn after a crash is an ordinary turn.
"""
