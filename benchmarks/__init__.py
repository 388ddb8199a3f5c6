"""One script for every number quoted in README or docs/findings.md."""
