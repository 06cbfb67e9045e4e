"""Abnormal behaviour by name: the table of detectors, the run, the answers."""
