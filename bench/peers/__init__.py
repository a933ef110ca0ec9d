"""What Gradus is measured beside: the bare process, bubblewrap, Docker, terminado, a raw pseudo-terminal."""
