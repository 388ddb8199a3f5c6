"""One recipe trained by several processes of one machine."""
