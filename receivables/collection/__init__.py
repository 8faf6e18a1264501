"""The file a lawyer or an agency gets about a debtor: one ZIP and one PDF, proofs included."""
