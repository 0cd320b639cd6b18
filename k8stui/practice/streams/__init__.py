"""What a client can stream from a Pod: its logs, a command, its main process, a port."""
