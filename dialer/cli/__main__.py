"""`python -m dialer.cli` is `winback`, for starting one process from another."""

from dialer.cli.main import main

if __name__ == "__main__":  # a spawned process reads this file again
    main()
