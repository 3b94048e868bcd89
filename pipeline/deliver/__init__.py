"""Everything that leaves the system.

    store.plan_deliveries([Outgoing(key="digest/cao-bang/2026-03-05/1/an@tinh.example", …)], now)
    deliver_due(store, senders, clock)

What is to be sent is planned in the store with its whole payload, once by its key; `due` sends it through one sender a
channel and records what became of it. Nobody is sent anything twice silently, nor is anything lost: see the states in
`pipeline.store.deliveries`.
"""
