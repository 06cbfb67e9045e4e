"""The words that every stage shares: settings, errors, addresses, progress, child processes, the command line."""

__version__ = "0.1.0"
