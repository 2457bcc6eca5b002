"""Ready-made connections to shops that others wrote. Each is an app of its own; nothing else imports them."""
