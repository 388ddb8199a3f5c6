"""One file per peer: how its users call it. Each defines `Peer`, see `benchmarks.peers.protocol`."""
