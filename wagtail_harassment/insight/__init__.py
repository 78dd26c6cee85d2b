"""What is counted, for whom: figures, reports, exports. Born with the issue that decides the figures."""
