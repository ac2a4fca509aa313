"""The project: settings, addresses, worklist, demonstration."""
