"""From passages to an answer: its claims, their citations, and whether they hold."""
