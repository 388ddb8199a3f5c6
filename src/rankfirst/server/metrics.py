"""Prometheus metrics: counts and durations, never a text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rankfirst.server.connections import REASONS, Connections

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1.0, 5.0)


class ServerMetrics:
    """The metrics of a server with one model."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.requests = Counter("rankfirst_requests", "Requests by outcome.", ["status"], registry=registry)
        self.texts = Counter("rankfirst_texts", "Texts answered.", registry=registry)
        self.abstained = Counter("rankfirst_abstained", "Texts on which the model abstained.", registry=registry)
        self.labels = Counter("rankfirst_labels", "Predictions by label.", ["label"], registry=registry)
        self.seconds = Histogram(
            "rankfirst_request_seconds", "Request latency in seconds.", buckets=_SECONDS, registry=registry
        )
        self.waiting = Gauge("rankfirst_texts_waiting", "Texts in the queue.", registry=registry)
        self.reloads = Gauge("rankfirst_reloads", "Models reloaded since the start.", registry=registry)
        self.failures = Gauge("rankfirst_reload_failures", "New models that could not be loaded.", registry=registry)


def count_connections(connections: Connections, registry: CollectorRegistry) -> None:
    """Add the metrics of a server's connections."""
    gauge = Gauge("rankfirst_connections", "Open connections.", registry=registry)
    gauge.set_function(lambda: connections.open)
    why = "Connections cut: head, body or next request too late, answer not read, or too many open."
    cut = Counter("rankfirst_connections_cut", why, ["reason"], registry=registry)
    for reason in REASONS:
        cut.labels(reason)
    connections.on_cut = lambda reason: cut.labels(reason).inc()
