"""The upper tail of the negative binomial distribution, which daily counts of reports follow: Poisson, but bursty."""

TINY = 1e-15
"""What is left of the sum below this changes no decision."""


def upper_tail(observed: int, mean: float, spread: float) -> float:
    """Return P(X >= observed) for a mean and a ``spread`` with variance = mean + spread · mean².

    ``mean`` >= 0, ``spread`` > 0 (its inverse is the distribution's size).
    """
    if observed <= 0:
        return 1.0
    size = 1.0 / spread
    failing = mean / (mean + size)
    term = (1.0 - failing) ** size
    left = 1.0
    for count in range(observed):
        left -= term
        if left < TINY:
            return 0.0
        term *= (size + count) / (count + 1) * failing
    return left
