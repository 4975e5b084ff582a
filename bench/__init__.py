"""What `make bench` measures, each figure beside a baseline taken in the same run."""
