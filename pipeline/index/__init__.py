"""Search: the `ArticleIndex` protocol and its implementations."""
