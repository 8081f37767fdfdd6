"""`python -m dialer.cli` is `winback`, for starting one process from another."""

from dialer.cli.main import main

main()
