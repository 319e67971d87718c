"""States of a message in the outbox."""

WAITING = "waiting"
"""Still to be sent, or tried again later."""
SENT = "sent"
"""The mail server has taken it."""
REFUSED = "refused"
"""The mail server will never take it; whoever it was for finds the notice in his inbox."""
DROPPED = "dropped"
"""There is no way to send it: this installation has no mail server, or it failed for days."""

MAIL = "mail"
"""The channel of mail; another system gets a channel of its own."""
