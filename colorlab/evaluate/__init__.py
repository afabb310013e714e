"""Judging colorizers: metrics, methods, baselines, intervals, reports."""
