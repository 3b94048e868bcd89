"""What people look at: the digest's renderings and charts."""
