"""Bad inputs: what makes them (`noise`, `files`, `commands`), and the box in which a command meets one (`box`)."""
