"""No tables: the module makes Django tell this room when a migrate has ended."""
