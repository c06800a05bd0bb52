"""Published models, in an environment of their own: files in, files out."""
