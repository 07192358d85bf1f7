"""Install what the tests start: `python -m tests.peers.install`. Says what this machine cannot have, and goes on."""

from . import center, kannel


def main() -> None:
    """Install what is missing, as far as it can be."""
    for peer in (center, kannel):
        peer.install()
        print(peer.missing() or f"{peer.__name__.rpartition('.')[2]}: here")


if __name__ == "__main__":
    main()
