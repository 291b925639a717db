"""Stream: the events of the log as Server-Sent Events, behind the gateway."""
