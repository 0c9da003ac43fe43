"""What a sweep says: screening, sensitivity, discovery, robustness, heat maps."""
