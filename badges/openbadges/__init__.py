"""Open Badges 3.0 without Django's database: documents, keys, proofs, status lists, baking, verification.

Nothing here knows a model. The room's `workflow.py` and `queries.py` turn rows into the plain data of
`documents.py` and hand the verifier two callables; everything else is bytes in, bytes out.
"""
