"""The demonstration: a refinery like the paper's, made through the real actions."""
