"""The report: events in, a page and plain lines out."""
