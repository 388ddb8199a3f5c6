"""`python -m rankfirst`."""

from rankfirst.cli.main import main

main()
