"""What a debtor's solvency sets off with the supplier: only what the supplier asked for.

A proposal waits for a person; what the supplier wanted done by itself is done, on record, and can
be undone. An insolvency stops every demand whatever the supplier chose.
"""
