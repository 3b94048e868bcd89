"""Text in, labels out: pure functions and small committed models; no network, no store."""
